"""A try that died with its worker is missed soon, because all others are heard of."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from temporalio.testing import ActivityEnvironment

from tests.workflows.world import World
from workflows.guard import BEAT, SILENCE, heard

SOON = timedelta(seconds=15)
FIRST_PAUSE = timedelta(seconds=1)


async def test_a_try_that_goes_on_is_heard_of_and_one_that_ended_is_not() -> None:
    before = asyncio.all_tasks()
    beats = 0
    twice = asyncio.Event()

    def beat(*_: object) -> None:
        nonlocal beats
        beats += 1
        if beats == 2:
            twice.set()

    async def work() -> None:
        async with heard(0.001):
            await asyncio.wait_for(twice.wait(), 30)

    environment = ActivityEnvironment()
    environment.on_heartbeat = beat
    await environment.run(work)
    await asyncio.sleep(0)
    assert asyncio.all_tasks() <= before
    assert SILENCE.total_seconds() > 3 * BEAT


async def test_every_try_that_is_not_heard_of_is_tried_again_within_15_seconds(
    world: World,
) -> None:
    claim = await world.open()
    await world.until_claim(claim, owed=[])
    history = await claim.fetch_history()
    asked = [
        each.activity_task_scheduled_event_attributes
        for each in history.events
        if each.HasField("activity_task_scheduled_event_attributes")
    ]
    assert asked
    for each in asked:
        silence = each.heartbeat_timeout.ToTimedelta()
        assert timedelta() < silence <= SOON - FIRST_PAUSE, each.activity_id
