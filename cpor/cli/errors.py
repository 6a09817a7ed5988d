"""How a command ends: its exit code, and one sentence for whatever went wrong."""

from __future__ import annotations

from collections.abc import Coroutine
from typing import Any, NoReturn

import typer

from cpor import engine, exits, local_mailbox
from cpor.client import errors
from cpor.client.opening_files import OpeningUnreadable
from cpor.exits import BROKEN, REFUSED, UNREACHABLE, WRONG_INPUT, fail
from cpor.rules.errors import Refused
from cpor.settings import SettingsError
from cpor.store import FileRefused, StoreError


def run(main: Coroutine[Any, Any, int]) -> NoReturn:
    exits.run(guarded(main))


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
