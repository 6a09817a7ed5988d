"""Exports: claims written into a file in the layout of an import, in the order they are listed."""

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
from cpor.client import concurrency
from cpor.client.errors import EngineUnreachable, NoAnswer, PortalError
from cpor.exits import DONE
from cpor.rules.views import ClaimView
from cpor.store import StoreError

AT_ONCE = 16

Ask = Callable[[str], Awaitable[ClaimView]]
Found = ClaimView | PortalError | StoreError


async def export(
    claim_ids: AsyncIterable[str],
    ask: Ask,
    writer: Writer,
    to: Path,
    report: Callable[[Exception], int],
) -> int:
    """Write each claim that can be read, and report why the others cannot.

    `report` returns an exit code for an error; the highest one is returned.
    """
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
                    code = max(code, report(found))
    progress.print_line(f"{written:,} claims written.")
    return code


async def in_order(claim_ids: AsyncIterable[str], ask: Ask) -> AsyncGenerator[Found]:
    """Each claim, or the error that keeps it from being read.

    If as many claims in a row as are asked at a time get no answer, no worker is running: raise.
    """
    unanswered = 0
    async with aclosing(
        concurrency.map_ordered(partial(_asked, ask), claim_ids, AT_ONCE)
    ) as answers:
        async for found in answers:
            unanswered = unanswered + 1 if isinstance(found, NoAnswer) else 0
            if isinstance(found, NoAnswer) and unanswered >= AT_ONCE:
                raise found
            yield found


async def _asked(ask: Ask, claim_id: str) -> Found:
    try:
        return await ask(claim_id)
    except EngineUnreachable:
        raise
    except (PortalError, StoreError) as error:
        return error


@contextmanager
def _written_to(place: Path) -> Generator[IO[bytes]]:
    """The file gets its name only when it is complete."""
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
