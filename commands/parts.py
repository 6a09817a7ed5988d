"""What the commands share: their usual arguments, a client, and how they speak and end.

What a command needs is imported by the command, so that help and usage errors come at once.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Coroutine
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer

if TYPE_CHECKING:
    from portal import ClaimsClient

DONE, WRONG_INPUT = 0, 2

ClaimId = Annotated[str, typer.Argument(metavar="CLAIM", help="The claim's id.")]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON only.")]


def connected() -> AbstractAsyncContextManager[ClaimsClient]:
    from portal import ClaimsClient

    return ClaimsClient.connect()


def width() -> int | None:
    """Of the terminal, if it is one."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


def run(main: Coroutine[Any, Any, int]) -> NoReturn:
    """Run a command to its exit code; what went wrong becomes one sentence."""
    from portal import exits

    exits.run(main)


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def complain(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def fail(text: str, code: int) -> int:
    complain(text)
    return code
