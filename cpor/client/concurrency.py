"""Concurrent calls with a limit, their results in order."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Coroutine
from typing import Any, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


async def map_ordered(
    call: Callable[[Item], Coroutine[Any, Any, Result]],
    items: AsyncIterable[Item],
    limit: int,
) -> AsyncGenerator[Result]:
    """The result of each call, at most `limit` of them at a time.

    Closing the generator cancels the calls under way.
    """
    running: deque[asyncio.Task[Result]] = deque()
    try:
        async for item in items:
            running.append(asyncio.create_task(call(item)))
            if len(running) >= limit:
                yield await running.popleft()
        while running:
            yield await running.popleft()
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
