"""What every command uses: a client, its output, and the way it ends.

Commands import what they need when they run, so that help and usage errors come at once.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import AsyncGenerator, Coroutine
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from cpor.client.client import ClaimsClient


@asynccontextmanager
async def connected() -> AsyncGenerator[ClaimsClient]:
    """A client of the Temporal and the store that the settings name."""
    from cpor.client.client import ClaimsClient
    from cpor.local_temporal import connect, where
    from cpor.settings import Settings
    from cpor.store import Store

    settings = Settings.load()
    yield ClaimsClient(await connect(where()), Store.open(settings.store_url))


def run(main: Coroutine[Any, Any, int]) -> NoReturn:
    """Run a command and end with its exit code; an error becomes one sentence."""
    from cpor.cli import errors

    errors.run(main)


def print_line(text: str) -> None:
    """Print at once, also into a file or a pipe."""
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def print_error(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def terminal_width() -> int | None:
    """None if standard output is not a terminal."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None
