"""A message, and a list, where many claims are open, beside where few are.

Two engines take turns, a crowded one and one with few claims. In the crowd stand workflows with a
claim's labels that wait for a timer, as most claims do most of the time; those that are only listed
have no worker.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from statistics import median

from temporalio import workflow
from temporalio.client import Client
from temporalio.common import SearchAttributePair, TypedSearchAttributes
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from bench.floor import LONG
from bench.ground import ground
from bench.journey import Traveller
from bench.messages import Handle, ready, say_to_claim
from bench.subjects import Subjects
from cpor.client.client import ClaimsClient
from cpor.client.search import Search
from cpor.contract import search_attributes
from cpor.contract.names import WORKFLOW
from cpor.store import Store

SPOKEN_TO = 20
SHOWN = 50
ROUNDS = 9
STARTS_AT_ONCE = 32
DUE_WITHIN, DUE_AT = timedelta(days=40), 997
"""Over how many days the deadlines of those that stand are spread, and how many there are."""
STANDING, UNHEARD = "standing", "unheard"
"""The queues of those that wait for a timer, and of those that no worker has seen."""


@workflow.defn(name=WORKFLOW)
class Standing:
    @workflow.run
    async def run(self) -> None:
        await workflow.sleep(LONG)


@dataclass(frozen=True)
class Sizes:
    """How many claims are open, and listed, in one place and in the other."""

    open: tuple[int, int] = (100, 10_000)
    listed: tuple[int, int] = (500, 50_000)


@dataclass(frozen=True)
class Crowded:
    """So many times what it costs where few are."""

    message: float
    page: float
    """Of fifty claims that wait for a reviewer."""


@dataclass(frozen=True)
class Place:
    traveller: Traveller
    subjects: Subjects
    spoken_to: Sequence[Handle]

    async def message(self) -> None:
        for each in self.spoken_to:
            await say_to_claim(each)

    async def page(self) -> None:
        claims = ClaimsClient(self.traveller.client, Store.open("memory:///"))
        due = await claims.next_due(Search(claims="running", waiting_for="reviewer"), SHOWN)
        assert due is not None
        assert len(due.claims) == SHOWN


async def measure(sizes: Sizes) -> Crowded:
    async with ground() as few, ground() as many:
        places = [await _populated(*each[:2]) for each in (few, many)]
        for place, size in zip(places, sizes.open, strict=True):
            await _stand(place, size - SPOKEN_TO, STANDING)
        message = await _ratio([each.message for each in places])
        for place, size, standing in zip(places, sizes.listed, sizes.open, strict=True):
            await _stand(place, size - standing, UNHEARD)
        page = await _ratio([each.page for each in places])
    return Crowded(message, page)


async def _populated(traveller: Traveller, subjects: Subjects) -> Place:
    return Place(traveller, subjects, await ready(traveller, subjects.claim, SPOKEN_TO))


async def _stand(place: Place, count: int, queue: str) -> None:
    """Until all of them are listed, and those of the one queue have set their timer."""
    client, listed = place.traveller.client, await _listed(place)
    names = iter(range(count))
    if queue == UNHEARD:
        await asyncio.gather(*(_start(place, names, queue) for _ in range(STARTS_AT_ONCE)))
    else:
        runner = UnsandboxedWorkflowRunner()
        async with Worker(client, task_queue=queue, workflows=[Standing], workflow_runner=runner):
            await asyncio.gather(*(_start(place, names, queue) for _ in range(STARTS_AT_ONCE)))
            while await _untouched(client):
                await asyncio.sleep(0.5)
    while await _listed(place) < listed + count:
        await asyncio.sleep(0.5)


async def _start(place: Place, names: Iterator[int], queue: str) -> None:
    labels = dict(place.subjects.claim.labels("BENCH-STANDING"))
    known = labels.pop("search_attributes")
    for number in names:
        due = datetime.now(UTC) + DUE_WITHIN * (number % DUE_AT) / DUE_AT
        deadline = SearchAttributePair(search_attributes.DEADLINE, due)
        await place.traveller.client.start_workflow(
            WORKFLOW,
            id=f"BENCH-{queue.upper()}-{number:06}",
            task_queue=queue,
            search_attributes=TypedSearchAttributes([*known, deadline]),
            **labels,
        )


async def _untouched(client: Client) -> int:
    """Those whose first task waits for the worker."""
    last = [each async for each in client.list_workflows(f"TaskQueue = '{STANDING}'", limit=1)]
    if not last:
        return 0
    newest = client.get_workflow_handle(last[0].id)
    return len((await newest.fetch_history()).events) < 5


async def _listed(place: Place) -> int:
    found = await place.traveller.client.count_workflows(f"WorkflowType = '{WORKFLOW}'")
    return found.count


async def _ratio(turns: Sequence[Callable[[], Awaitable[None]]]) -> float:
    """Turn by turn, after one that does not count; the median of the rounds' ratios."""
    ratios: list[float] = []
    for number in range(ROUNDS + 1):
        seconds = [await _timed(turn) for turn in turns]
        if number:
            ratios.append(seconds[1] / seconds[0])
    return median(ratios)


async def _timed(do: Callable[[], Awaitable[None]]) -> float:
    began = time.monotonic()
    await do()
    return time.monotonic() - began
