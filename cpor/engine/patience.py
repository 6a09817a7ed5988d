"""Waiting for a thing by trying it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

from temporalio.service import RPCError, RPCStatusCode

T = TypeVar("T")

PAUSE: Final = 0.1
FINAL_ANSWERS: Final = frozenset(
    {
        RPCStatusCode.UNIMPLEMENTED,
        RPCStatusCode.PERMISSION_DENIED,
        RPCStatusCode.UNAUTHENTICATED,
        RPCStatusCode.ALREADY_EXISTS,
    }
)
"""What an engine that is still coming up wouldn't say."""


async def patiently(attempt: Callable[[], Awaitable[T]], seconds: float) -> T:
    """The first success of `attempt`; its failure only when that is final, or time is up."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return await attempt()
        except (RPCError, OSError, RuntimeError) as error:
            # The client says RuntimeError when nobody answers at an address.
            if isinstance(error, RPCError) and error.status in FINAL_ANSWERS:
                raise
            if time.monotonic() > deadline:
                raise
        await asyncio.sleep(PAUSE)
