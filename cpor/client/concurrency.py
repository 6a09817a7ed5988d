"""A few asked at a time, and answered in the order they came."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterable, Callable, Coroutine
from typing import Any, TypeVar

Asked = TypeVar("Asked")
Answer = TypeVar("Answer")


async def in_order(
    questions: AsyncIterable[Asked],
    ask: Callable[[Asked], Coroutine[Any, Any, Answer]],
    at_once: int,
) -> AsyncGenerator[Answer]:
    """What is asked in advance is cancelled where nobody wants to know any more."""
    under_way: deque[asyncio.Task[Answer]] = deque()
    try:
        async for question in questions:
            under_way.append(asyncio.create_task(ask(question)))
            if len(under_way) >= at_once:
                yield await under_way.popleft()
        while under_way:
            yield await under_way.popleft()
    finally:
        for each in under_way:
            each.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)
