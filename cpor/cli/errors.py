"""How a command ends: with an exit code, and one sentence for an error."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

import typer

from cpor.client import errors
from cpor.engine.errors import EngineError
from cpor.evidence.errors import NoReader
from cpor.exits import BROKEN, DONE, REFUSED, UNREACHABLE, WRONG_INPUT, fail
from cpor.mailbox_errors import MailboxError
from cpor.proofs.errors import KeyUnusable
from cpor.rules.errors import Refused
from cpor.settings import SettingsError
from cpor.store import FileRefused, StoreError

REPORTED = (
    typer.BadParameter,
    Refused,
    errors.PortalError,
    SettingsError,
    KeyUnusable,
    StoreError,
    NoReader,
    EngineError,
    MailboxError,
)
"""Errors that a user can do something about; any other is a defect and gives a traceback."""


async def guarded(main: Coroutine[Any, Any, int | None], about: str = "") -> int:
    """The exit code of a command, also where it raised an error; `about` stands before that."""
    try:
        return await main or DONE
    except REPORTED as error:
        return report(error, about)


def report(error: Exception, about: str = "") -> int:
    """Print an error as one sentence and return its exit code."""
    text, code = _said(error)
    return fail(text if text.startswith(about.strip()) else f"{about}{text}", code)


def _said(error: Exception) -> tuple[str, int]:
    match error:
        case typer.BadParameter():
            return f"invalid: {error.message}", WRONG_INPUT
        case errors.MessageRefused():
            code = WRONG_INPUT if error.code == "invalid" else REFUSED
            return f"{error.code}: {error}", code
        case Refused():
            return f"invalid: {error}", WRONG_INPUT
        case errors.OpeningUnreadable() | FileRefused():
            return str(error), WRONG_INPUT
        case errors.ClaimExists() | errors.ClaimUnknown() | errors.ClaimClosed():
            return str(error), REFUSED
        case NoReader():
            return f"{error} Try again.", BROKEN
        case errors.EngineUnreachable() | errors.NoAnswer():
            return str(error), UNREACHABLE
        case _:
            return str(error), BROKEN
