"""How a command ends: its exit code, and one sentence for whatever went wrong."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, NoReturn

import typer

import engine
import leaving
import local_mailbox
from claims.errors import Refused
from leaving import BROKEN, REFUSED, UNREACHABLE, WRONG_INPUT, fail
from portal import errors
from portal.openings import OpeningUnreadable
from settings import SettingsError
from store import FileRefused, StoreError


def run(main: Coroutine[Any, Any, int]) -> NoReturn:
    leaving.run(guarded(main))


async def guarded(main: Coroutine[Any, Any, int]) -> int:
    try:
        return await main
    except typer.BadParameter as error:
        return fail(error.message, WRONG_INPUT)
    except (Refused, OpeningUnreadable, FileRefused) as error:
        return fail(str(error), WRONG_INPUT)
    except errors.MessageRefused as error:
        code = WRONG_INPUT if error.code == "invalid" else REFUSED
        return fail(f"{error.code}: {error}", code)
    except (errors.ClaimExists, errors.ClaimUnknown, errors.ClaimClosed) as error:
        return fail(str(error), REFUSED)
    except (errors.EngineUnreachable, errors.NoAnswer) as error:
        return fail(str(error), UNREACHABLE)
    except (
        errors.PortalError,
        SettingsError,
        StoreError,
        engine.EngineError,
        local_mailbox.MailboxError,
    ) as error:
        return fail(str(error), BROKEN)
