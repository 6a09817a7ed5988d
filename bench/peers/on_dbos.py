# pyright: basic, reportMissingImports=false
"""A claim's life on DBOS, as its guide would write it: one step after the other, and no rules.

DBOS keeps a workflow in a database, here PostgreSQL, and runs it in the program that started it.
Its messages have no answers: the life writes one as an event, for which the sender waits.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager

from dbos import DBOS, SetWorkflowID

from bench.floor import LONG, SHORT
from bench.peers.plain import AFTER_APPROVAL, AFTER_WINDOW, BEFORE_REVIEW

DECISIONS = ("start_review", "approve")
READY = "ready"


@DBOS.step()
async def nothing() -> None:
    pass


@DBOS.workflow()
async def life() -> None:
    await steps(BEFORE_REVIEW)
    await DBOS.set_event_async(READY, True)
    for expected in DECISIONS:
        decision = await DBOS.recv_async("decisions", timeout_seconds=LONG.total_seconds())
        await DBOS.set_event_async(expected, decision)
    await steps(AFTER_APPROVAL)
    await DBOS.sleep_async(SHORT.total_seconds())
    await steps(AFTER_WINDOW)


async def steps(count: int) -> None:
    for _ in range(count):
        await nothing()


async def play(name: str) -> Sequence[float]:
    """A life; returns how many seconds each decision took until its answer was there."""
    with SetWorkflowID(name):
        handle = await DBOS.start_workflow_async(life)
    await DBOS.get_event_async(name, READY)
    seconds: list[float] = []
    for decision in DECISIONS:
        began = time.monotonic()
        await DBOS.send_async(name, decision, topic="decisions")
        assert await DBOS.get_event_async(name, decision) == decision
        seconds.append(time.monotonic() - began)
    await handle.get_result()
    return seconds


@asynccontextmanager
async def launched(database_url: str) -> AsyncGenerator[None]:
    DBOS(
        config={
            "name": "bench",
            "system_database_url": database_url,
            "console_log_level": "ERROR",
        }
    )
    DBOS.launch()
    try:
        yield
    finally:
        DBOS.destroy()
        # The loop's threads were those of DBOS, which are gone.
        asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor())
