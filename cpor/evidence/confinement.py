"""A process of its own for each file: no network, no other file, little time and little memory."""

from __future__ import annotations

import asyncio
import json
import os
import resource
import sys
from collections.abc import AsyncIterable, Awaitable, Iterable
from pathlib import Path
from typing import TypeVar

from pydantic import ValidationError

from cpor.evidence.reading import Reading
from cpor.evidence.types import ending_of

T = TypeVar("T")

SECONDS = 20
MOST_MEMORY = 512 * 1024 * 1024
MOST_ANSWER = 16 * 1024 * 1024
NO_ANSWER = b""
PIECE = 64 * 1024
AT_ONCE = 2
BESIDE_OTHERS = 10
"""The `nice` value of a reader: processes that serve claims on this machine go first."""
ROOT = Path(__file__).resolve().parents[2]


async def a_few_at_a_time(reads: Iterable[Awaitable[T]]) -> list[T]:
    """What comes of each, in order. Each of them is a process."""
    gate = asyncio.Semaphore(AT_ONCE)

    async def one(read: Awaitable[T]) -> T:
        async with gate:
            return await read

    return await asyncio.gather(*map(one, reads))


async def read(chunks: AsyncIterable[bytes], name: str, media_type: str | None = None) -> Reading:
    """What is in the file whose bytes these are. What goes wrong in there is an answer as well."""
    try:
        answer = await answer_of("cpor.evidence", {"name": name, "media_type": media_type}, chunks)
        return Reading.model_validate_json(answer)
    except TimeoutError:
        return Reading.unreadable(ending_of(name), f"took longer than {SECONDS} s")
    except ValidationError:
        return Reading.unreadable(ending_of(name), "its reader ended without an answer")


async def answer_of(module: str, about: object, chunks: AsyncIterable[bytes]) -> bytes:
    """What the module prints when it is given a line about them, then the chunks.

    Raises `TimeoutError`; what ends without a word has an answer that is empty.
    """
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", module),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "LANG": "C.UTF-8"},
        cwd=os.sep,
    )
    try:
        async with asyncio.timeout(SECONDS):
            return await _asked(process, chunks, about)
    finally:
        if process.returncode is None:
            process.kill()
        await process.wait()


def limit(what: int, most: int) -> None:
    """Of this process, for good."""
    resource.setrlimit(what, (most, most))


async def _asked(
    process: asyncio.subprocess.Process, chunks: AsyncIterable[bytes], about: object
) -> bytes:
    assert process.stdin
    assert process.stdout
    try:
        process.stdin.write(json.dumps(about).encode() + b"\n")
        async for chunk in chunks:
            process.stdin.write(chunk)
            await process.stdin.drain()
        process.stdin.close()
    except (BrokenPipeError, ConnectionResetError):
        # It ended early; what it said before, or that it said nothing, is the answer.
        pass
    answer = bytearray()
    while piece := await process.stdout.read(PIECE):
        answer += piece
        if len(answer) > MOST_ANSWER:
            return NO_ANSWER
    # It ends by itself. Killed while it ends, asyncio and the kill would both ask how it ended.
    await process.wait()
    return bytes(answer)
