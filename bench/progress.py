"""Knows how far each workflow is, without asking it: it counts the activities that returned."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

from temporalio import activity, client, worker

from cpor.rules.pinning import PIN_RULES


class Progress(client.Interceptor, worker.Interceptor):
    """Given to a client, it is in every worker made with that client."""

    def __init__(self) -> None:
        self._paid: Counter[str] = Counter()
        self._awaited: dict[tuple[str, int], asyncio.Event] = {}

    def intercept_activity(
        self, next: worker.ActivityInboundInterceptor
    ) -> worker.ActivityInboundInterceptor:
        return _Counting(next, self)

    async def reaches(self, workflow_id: str, count: int) -> None:
        if self._paid[workflow_id] < count:
            await self._awaited.setdefault((workflow_id, count), asyncio.Event()).wait()

    def count(self, workflow_id: str) -> int:
        return self._paid[workflow_id]

    def one_more(self, workflow_id: str) -> None:
        self._paid[workflow_id] += 1
        if awaited := self._awaited.pop((workflow_id, self._paid[workflow_id]), None):
            awaited.set()


class _Counting(worker.ActivityInboundInterceptor):
    def __init__(self, next: worker.ActivityInboundInterceptor, progress: Progress) -> None:
        super().__init__(next)
        self._progress = progress

    async def execute_activity(self, input: worker.ExecuteActivityInput) -> Any:
        result = await super().execute_activity(input)
        info = activity.info()
        if info.workflow_id is not None and info.activity_type != PIN_RULES:
            self._progress.one_more(info.workflow_id)
        return result
