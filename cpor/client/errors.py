"""The errors of the client. Each text says in one sentence what to do."""

from __future__ import annotations

from collections.abc import Sequence

from cpor.rules.errors import Problem


class PortalError(Exception):
    """Base of the errors of the client."""


class EngineUnreachable(PortalError):
    """Temporal does not answer."""


class NoAnswer(PortalError):
    """Temporal answers, but no worker does."""


class ClaimUnknown(PortalError):
    """Neither Temporal nor the store knows this claim."""


class ClaimExists(PortalError):
    """The id is taken by another claim, running or ended."""


class ClaimClosed(PortalError):
    """The claim is over; its record tells how it ended."""


class MessageRefused(PortalError):
    """The rules refuse the message: `code` and `fields` are for programs, the text for people.

    `fields` names what is wrong with what was sent, each with its path, such as `by.role`.
    """

    def __init__(self, code: str, text: str, fields: Sequence[Problem] = ()) -> None:
        super().__init__(text)
        self.code = code
        self.fields = tuple(fields)


class OpeningUnreadable(PortalError):
    """The file is no claim: which file, and why."""
