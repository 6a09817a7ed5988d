"""HTTP clients for what is outside. Whom they call, and with what secret, stands in no log."""

from __future__ import annotations

import logging
from collections.abc import Mapping

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


async def opening(answer: httpx.Response) -> bytes:
    """The answer as it came, up to the first byte that is too much."""
    found = b""
    async for piece in answer.aiter_raw():
        found += piece
        if len(found) > MOST_OF_ANSWER:
            break
    return found[: MOST_OF_ANSWER + 1]
