"""Messages and replays of a claim beside those of the floor, on one engine."""

from __future__ import annotations

import asyncio
import gc
import itertools
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

from temporalio.api.enums.v1 import EventType
from temporalio.client import WorkflowHandle, WorkflowHistory
from temporalio.worker import Replayer, UnsandboxedWorkflowRunner

from bench import life
from bench.floor import Floor
from bench.journey import SUBMITTED, Traveller
from bench.subjects import Subject, Subjects
from cpor.plugin import ClaimsPlugin
from workflows.claim import ClaimWorkflow
from workflows.dialog import DialogInterceptor

Handle = WorkflowHandle[Any, Any]
Say = Callable[[Handle], Any]
EVENTS = 300
_numbers = itertools.count(1)


async def say_to_claim(handle: Handle) -> None:
    message = {**life.TALK, "id": f"say-{next(_numbers)}", "text": "What do you need?"}
    await handle.execute_update("comment", message)


async def say_to_floor(handle: Handle) -> None:
    await handle.execute_update("hear")


async def ready(traveller: Traveller, subject: Subject, count: int) -> Sequence[Handle]:
    """Submitted, with all mails sent; at the floor a run that waits and only hears."""

    async def one(workflow_id: str) -> Handle:
        is_floor = subject.workflow == Floor.__name__
        handle: Handle = await traveller.client.start_workflow(
            subject.workflow,
            args=[True] if is_floor else subject.opening(workflow_id),
            id=workflow_id,
            task_queue=subject.task_queue,
            **subject.labels(workflow_id),
        )
        await traveller.progress.reaches(workflow_id, 1 if is_floor else SUBMITTED)
        return handle

    ids = [f"BENCH-SAYS-{next(_numbers):06}" for _ in range(count)]
    return await asyncio.gather(*map(one, ids))


async def round_trips(traveller: Traveller, subjects: Subjects, at_once: int) -> float:
    """The median time of an update with so many on their way, claim ÷ floor."""
    medians: list[float] = []
    for subject, say in ((subjects.claim, say_to_claim), (subjects.floor, say_to_floor)):
        handles = await ready(traveller, subject, at_once)
        times: list[float] = []
        for _ in range(5):
            times += await asyncio.gather(*(_timed(say, each) for each in handles))
        medians.append(median(times))
    return medians[0] / medians[1]


async def replays(traveller: Traveller, subjects: Subjects) -> float:
    """CPU to replay a history of so many events, claim ÷ floor."""
    costs: list[float] = []
    for subject, say in ((subjects.claim, say_to_claim), (subjects.floor, say_to_floor)):
        (handle,) = await ready(traveller, subject, 1)
        while len((history := await handle.fetch_history()).events) < EVENTS:
            await asyncio.gather(*(say(handle) for _ in range(4)))
        costs.append(await _cost_of_replay(history))
    return costs[0] / costs[1]


async def memory(traveller: Traveller, subjects: Subjects, count: int) -> float:
    """Resident bytes of this process for each workflow in its cache, claim ÷ floor."""
    sizes: list[float] = []
    for subject in (subjects.claim, subjects.floor):
        await ready(traveller, subject, 20)
        before = _resident()
        await ready(traveller, subject, count)
        sizes.append((_resident() - before) / count)
    return sizes[0] / max(sizes[1], 1)


async def _timed(say: Say, handle: Handle) -> float:
    began = time.monotonic()
    await say(handle)
    return time.monotonic() - began


async def _cost_of_replay(history: WorkflowHistory) -> float:
    replayer = Replayer(
        workflows=[ClaimWorkflow, Floor],
        plugins=[ClaimsPlugin()],
        interceptors=[DialogInterceptor()],
        workflow_runner=UnsandboxedWorkflowRunner(),
    )
    last = history.events[-1].event_type
    assert last != EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW
    costs: list[float] = []
    for _ in range(7):
        began = time.process_time()
        await replayer.replay_workflow(history)
        costs.append(time.process_time() - began)
    return median(costs)


def _resident() -> int:
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * 4096
