"""What every command uses: a client, its output, and the way it ends.

Commands import what they need when they run, so that help and usage errors come at once.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
from datetime import timedelta
from functools import wraps
from typing import TYPE_CHECKING, Any, NoReturn, ParamSpec

if TYPE_CHECKING:
    from cpor.client.client import ClaimsClient

P = ParamSpec("P")


@asynccontextmanager
async def connected() -> AsyncGenerator[ClaimsClient]:
    """A client of the Temporal and the store that the settings name."""
    from cpor.cli.signing import own_signer
    from cpor.client.client import ClaimsClient
    from cpor.local_temporal import connect, where
    from cpor.settings import Settings
    from cpor.store import Store

    settings = Settings.load()
    signer = own_signer(settings.signing_key) if settings.signing_key else None
    yield ClaimsClient(
        await connect(where()),
        Store.open(settings.store_url),
        signer=signer,
        answer_timeout=timedelta(seconds=settings.answer_timeout),
    )


def run_async(command: Callable[P, Coroutine[Any, Any, int | None]]) -> Callable[P, NoReturn]:
    """For a command that is a coroutine function; see `run`."""

    @wraps(command)
    def wrapper(*arguments: P.args, **options: P.kwargs) -> NoReturn:
        run(command(*arguments, **options))

    return wrapper


def run(main: Coroutine[Any, Any, int | None]) -> NoReturn:
    """Run a command and end with the exit code it returns; None is success.

    An error becomes one sentence.
    """
    from cpor import exits
    from cpor.cli.errors import guarded

    exits.run(guarded(main))


def print_result(data: object, text: str | Callable[[], str], as_json: bool) -> None:
    """Print data for programs as JSON, or the text that says the same to people.

    A text that takes long to make, such as a table, is given as a function.
    """
    if as_json:
        print_json(data)
    else:
        print_line(text if isinstance(text, str) else text())


def print_json(data: object) -> None:
    from pydantic_core import to_jsonable_python

    print_line(json.dumps(data, default=to_jsonable_python))


def print_line(text: str) -> None:
    """Print at once, also into a file or a pipe."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def print_error(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def terminal_width() -> int | None:
    """None if standard output is not a terminal."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None
