"""Repeats a call until it succeeds."""

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
"""An engine that is still starting does not answer with these."""


async def until_success(attempt: Callable[[], Awaitable[T]], seconds: float) -> T:
    """The first success of `attempt`; raises its error if that is final, or when time is up."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return await attempt()
        except (RPCError, OSError, RuntimeError) as error:
            # The client raises RuntimeError if it cannot connect.
            if isinstance(error, RPCError) and error.status in FINAL_ANSWERS:
                raise
            if time.monotonic() > deadline:
                raise
        await asyncio.sleep(PAUSE)
