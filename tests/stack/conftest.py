"""The stack, for tests that need all of it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from cpor.engine.cache import cache_folder, take_lock
from tests.stack.people import People
from tests.stack.programs import missing, programs
from tests.stack.running import running


@pytest.fixture(scope="module")
async def people() -> AsyncIterator[People]:
    """One stack at a time, however many processes test: each has ten programs."""
    if reason := missing():
        pytest.skip(reason)
    with (cache_folder() / "stack.lock").open("w") as lock:
        await take_lock(lock.fileno(), lambda: None)
        async with running(await programs(print)) as stack:
            yield await People.of(stack)
