"""A claim's life as a guide to Temporal would write it: one step after the other, and no rules.

As often as a claim on its happy journey it acts, waits and hears. Each decision is an update, whose
sender gets an answer.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio import workflow

from bench.floor import LONG, SHORT, nothing

BEFORE_REVIEW, AFTER_APPROVAL, AFTER_WINDOW = 6, 3, 3
"""Steps: rules, items, files, mails and the like."""


@workflow.defn
class Plain:
    def __init__(self) -> None:
        self.decisions = asyncio.Queue[str]()

    @workflow.update
    async def decide(self, decision: str) -> str:
        await self.decisions.put(decision)
        return decision

    @workflow.run
    async def run(self) -> None:
        await steps(BEFORE_REVIEW)
        for _ in ("start_review", "approve"):
            await workflow.wait_condition(lambda: not self.decisions.empty(), timeout=LONG)
            self.decisions.get_nowait()
        await steps(AFTER_APPROVAL)
        await workflow.sleep(SHORT)
        await steps(AFTER_WINDOW)


async def steps(count: int) -> None:
    for _ in range(count):
        await workflow.execute_activity(nothing, start_to_close_timeout=timedelta(minutes=2))
