"""Claims into a file of the same layout, a few asked at a time, in the order they are listed."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncGenerator, AsyncIterable, Awaitable, Callable, Generator
from contextlib import aclosing, contextmanager
from functools import partial
from pathlib import Path
from typing import IO

from cpor.bulk import progress
from cpor.bulk.claim_rows import Writer
from cpor.bulk.files import FileUnusable
from cpor.cli.errors import guarded
from cpor.client import concurrency
from cpor.client.errors import EngineUnreachable, NoAnswer, PortalError
from cpor.exits import DONE
from cpor.rules.views import ClaimView
from cpor.store import StoreError

AT_ONCE = 16

Ask = Callable[[str], Awaitable[ClaimView]]
Found = ClaimView | PortalError | StoreError


async def export(claim_ids: AsyncIterable[str], ask: Ask, writer: Writer, to: Path) -> int:
    """Write what can be read, say of the rest why not; the worst exit code counts."""
    code, written = DONE, 0
    with _written_to(to) as file, progress.shown("Writing") as advance:
        file.write(writer.heading())
        async with aclosing(in_order(claim_ids, ask)) as all_found:
            async for found in all_found:
                advance()
                if isinstance(found, ClaimView):
                    file.write(writer.line(found))
                    written += 1
                else:
                    code = max(code, await guarded(_raise(found)))
    progress.print_line(f"{written:,} claims written.")
    return code


async def in_order(claim_ids: AsyncIterable[str], ask: Ask) -> AsyncGenerator[Found]:
    """Each claim, or why it cannot be read.

    When as many as are asked at a time got no answer, one after the other, nobody is working, and
    the rest is not waited for.
    """
    silent = 0
    async with aclosing(
        concurrency.map_ordered(partial(_asked, ask), claim_ids, AT_ONCE)
    ) as answers:
        async for found in answers:
            silent = silent + 1 if isinstance(found, NoAnswer) else 0
            if isinstance(found, NoAnswer) and silent >= AT_ONCE:
                raise found
            yield found


async def _asked(ask: Ask, claim_id: str) -> Found:
    try:
        return await ask(claim_id)
    except EngineUnreachable:
        raise
    except (PortalError, StoreError) as error:
        return error


async def _raise(error: Exception) -> int:
    raise error


@contextmanager
def _written_to(place: Path) -> Generator[IO[bytes]]:
    """A file is there under its name only when it is whole."""
    if str(place) == "-":
        yield sys.stdout.buffer
        return
    if not place.name:
        raise FileUnusable(f"{place} cannot be written: it names no file")
    partial = place.with_name(f".{place.name}.{os.getpid()}")
    try:
        with partial.open("wb") as file:
            yield file
        partial.replace(place)
    except OSError as error:
        raise FileUnusable(f"{place} cannot be written: {error.strerror}") from None
    finally:
        partial.unlink(missing_ok=True)
