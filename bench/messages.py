"""Messages and replays of a claim beside those of the floor, on one engine."""

from __future__ import annotations

import asyncio
import itertools
import time
from collections.abc import Callable, Sequence
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
ROUNDS = 9
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
        subject.make_ready(workflow_id)
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
    """The median time of an update with so many on their way, claim ÷ floor, turn by turn."""
    claims = await ready(traveller, subjects.claim, at_once)
    floors = await ready(traveller, subjects.floor, at_once)
    ratios: list[float] = []
    for _ in range(ROUNDS):
        of_claims = await asyncio.gather(*(_timed(say_to_claim, each) for each in claims))
        of_floors = await asyncio.gather(*(_timed(say_to_floor, each) for each in floors))
        ratios.append(median(of_claims) / median(of_floors))
    return median(ratios)


async def replays(traveller: Traveller, subjects: Subjects) -> float:
    """CPU to replay an event of a history of so many, claim ÷ floor, turn by turn."""
    claim = await _long_history(traveller, subjects.claim, say_to_claim)
    floor = await _long_history(traveller, subjects.floor, say_to_floor)
    ratios = [await _cost_of_replay(claim) / await _cost_of_replay(floor) for _ in range(ROUNDS)]
    return median(ratios)


async def _long_history(traveller: Traveller, subject: Subject, say: Say) -> WorkflowHistory:
    (handle,) = await ready(traveller, subject, 1)
    while len((history := await handle.fetch_history()).events) < EVENTS:
        await asyncio.gather(*(say(handle) for _ in range(4)))
    last = history.events[-1].event_type
    assert last != EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW
    return history


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
    began = time.process_time()
    await replayer.replay_workflow(history)
    return (time.process_time() - began) / len(history.events)
