"""The stack, for tests that need all of it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from tests.stack.people import People
from tests.stack.programs import missing, programs
from tests.stack.running import running


@pytest.fixture(scope="module")
async def people() -> AsyncIterator[People]:
    if reason := missing():
        pytest.skip(reason)
    async with running(await programs(print)) as stack:
        yield await People.of(stack)
