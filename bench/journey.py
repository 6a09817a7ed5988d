"""One journey: opened, reviewed, approved, the consent window over, handed off.

It ends when its last activity, the mail after the hand-off, has returned; the workflow stays open.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any, Self

from temporalio.client import Client, WorkflowHandle

from bench.progress import Progress
from bench.subjects import Subject
from cpor.plugin import ClaimsPlugin

Handle = WorkflowHandle[Any, Any]

SUBMITTED, HANDED_OFF = 6, 12
"""How many activities have returned when a stage of the journey is complete."""
LIMIT = 60.0


class Stuck(Exception):
    """A journey that came to no end: one sentence."""


@dataclass(frozen=True)
class Traveller:
    client: Client
    progress: Progress

    @classmethod
    async def connect(cls, address: str, namespace: str) -> Self:
        progress = Progress()
        client = await Client.connect(
            address, namespace=namespace, plugins=[ClaimsPlugin()], interceptors=[progress]
        )
        return cls(client, progress)

    async def go(self, subject: Subject, workflow_id: str) -> Handle:
        try:
            async with asyncio.timeout(LIMIT):
                return await self._go(subject, workflow_id)
        except TimeoutError:
            paid = self.progress.count(workflow_id)
            raise Stuck(
                f"{workflow_id} is not through after {LIMIT:.0f} s: "
                f"{paid} of {HANDED_OFF} activities returned."
            ) from None

    async def _go(self, subject: Subject, workflow_id: str) -> Handle:
        handle: Handle = await self.client.start_workflow(
            subject.workflow,
            args=subject.opening(workflow_id),
            id=workflow_id,
            task_queue=subject.task_queue,
            **subject.labels(workflow_id),
        )
        await self.progress.reaches(workflow_id, SUBMITTED)
        for name, payloads in subject.messages(workflow_id):
            await handle.execute_update(name, args=payloads)
        await self.progress.reaches(workflow_id, HANDED_OFF)
        return handle
