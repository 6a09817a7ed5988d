"""How a command ends: with an exit code, and one sentence for an error."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any

import typer

from cpor import engine, local_mailbox
from cpor.client import errors
from cpor.client.openings import OpeningUnreadable
from cpor.exits import BROKEN, DONE, REFUSED, UNREACHABLE, WRONG_INPUT, fail
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
    engine.EngineError,
    local_mailbox.MailboxError,
)
"""Errors that a user can do something about; any other is a defect and gives a traceback."""


async def guarded(main: Coroutine[Any, Any, int | None]) -> int:
    """The exit code of a command, also where it raised an error."""
    try:
        return await main or DONE
    except REPORTED as error:
        return report(error)


def report(error: Exception) -> int:
    """Print an error as one sentence and return its exit code."""
    match error:
        case typer.BadParameter():
            return fail(error.message, WRONG_INPUT)
        case errors.MessageRefused():
            code = WRONG_INPUT if error.code == "invalid" else REFUSED
            return fail(f"{error.code}: {error}", code)
        case Refused() | OpeningUnreadable() | FileRefused():
            return fail(str(error), WRONG_INPUT)
        case errors.ClaimExists() | errors.ClaimUnknown() | errors.ClaimClosed():
            return fail(str(error), REFUSED)
        case errors.EngineUnreachable() | errors.NoAnswer():
            return fail(str(error), UNREACHABLE)
        case _:
            return fail(str(error), BROKEN)
