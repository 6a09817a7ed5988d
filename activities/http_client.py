"""HTTP clients for what is outside. Whom they call, and with what secret, stands in no log."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress

import httpx

MOST_OF_ANSWER = 64 * 1024
TEMPORARY = (408, 425, 429)
"""The only refusals that another try may get over."""
UNCALLABLE = (httpx.InvalidURL, UnicodeError)
"""What httpx raises, besides its own errors, for an address that names no host there can be."""


def client(timeout: float, headers: Mapping[str, str] | None = None) -> httpx.AsyncClient:
    for name in ("httpx", "httpcore"):
        # They write down whole addresses, and there may be a key in one.
        logging.getLogger(name).setLevel(logging.WARNING)
    return httpx.AsyncClient(
        # A small compressed answer may be a giant one unpacked.
        headers={"Accept-Encoding": "identity", **(headers or {})},
        timeout=timeout,
        follow_redirects=False,
    )


async def opening(answer: httpx.Response, most: int = MOST_OF_ANSWER) -> bytes:
    """The answer as it came, up to the first byte that is too much."""
    return b"".join([piece async for piece in _pieces(answer, most)])[: most + 1]


async def what_comes(answer: httpx.Response, seconds: float) -> bytes:
    """As much of that as comes in time. An answer that never ends, or breaks off, is no error."""
    found: list[bytes] = []
    with suppress(httpx.HTTPError, TimeoutError):
        async with asyncio.timeout(seconds):
            async for piece in _pieces(answer, MOST_OF_ANSWER):
                found.append(piece)
    return b"".join(found)[:MOST_OF_ANSWER]


async def _pieces(answer: httpx.Response, most: int) -> AsyncIterator[bytes]:
    size = 0
    async for piece in answer.aiter_raw():
        yield piece
        size += len(piece)
        if size > most:
            return
