"""Workers that begin after a restore: they answer, compare, and only then send anything."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

import pytest

from activities import Activities
from cpor import ClaimsClient
from cpor.client import after_restore
from cpor.rules.chain import sealed
from cpor.store import Store, StoreError, Traces
from tests.examples import PARTNER, REVIEWER
from tests.workflows.world import LIMIT, Handle, World
from workflows.worker import claims_worker

LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
async def activities(idle_world: World) -> AsyncGenerator[Activities]:
    async with Activities(idle_world.settings) as activities:
        yield activities


@asynccontextmanager
async def one_that_only_answers(world: World, activities: Activities) -> AsyncGenerator[None]:
    worker = claims_worker(
        world.client, activities.all, activities.stamps, world.task_queue, answers_only=True
    )
    async with worker:
        yield


async def asked(world: World, activities: Activities) -> Handle:
    async with world.working(activities):
        claim = await world.open()
        await world.tell(claim, "approve", by=REVIEWER)
        await world.until_claim(claim, owed=[])
    return claim


async def with_a_record_of_another_past(claims: ClaimsClient, claim: Handle) -> None:
    history = [{"seq": 1, "what": "opened", "text": "in another past"}]
    record: dict[str, Any] = {"run": "run-1", "version": 1, "consent": "declined"}
    whole = {**record, "partner": {"mpn_id": "4912345"}, "history": history}
    await claims.store.write_record(claim.id, sealed(whole))


async def test_what_disagrees_stands_still_before_anything_is_sent(
    idle_world: World, claims_of_nobody: ClaimsClient, activities: Activities
) -> None:
    world, claims = idle_world, claims_of_nobody
    claim, other = await asked(world, activities), await asked(world, activities)
    await with_a_record_of_another_past(claims, claim)
    sent = len(world.post.mails)
    async with one_that_only_answers(world, activities):
        for each in (claim, other):
            await world.tell(each, "comment", by=PARTNER, text="How does it stand?")
        await after_restore.compare(claims, LONG_AGO)
        kinds = {debt["kind"] for debt in (await world.claim(claim))["owed"]}
        assert kinds == {"notice", "conflict"}
    assert len(world.post.mails) == sent
    async with world.working(activities):
        await world.until_claim(other, owed=[])
        assert "commented" in world.kinds(other)
        assert "commented" not in world.kinds(claim)


async def test_it_is_tried_until_every_claim_is_compared(
    idle_world: World,
    claims_of_nobody: ClaimsClient,
    activities: Activities,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(after_restore, "FIRST_PAUSE", 0.01)
    world, claims = idle_world, claims_of_nobody
    claim = await asked(world, activities)
    await with_a_record_of_another_past(claims, claim)
    look, failures = Store.traces, iter((StoreError("the store is away"),) * 2)

    async def away_at_first(self: Store, claim_id: str) -> Traces:
        if failure := next(failures, None):
            raise failure
        return await look(self, claim_id)

    async with one_that_only_answers(world, activities), asyncio.timeout(LIMIT):
        with monkeypatch.context() as patch:
            patch.setattr(Store, "traces", away_at_first)
            await after_restore.compare(claims, LONG_AGO)
        assert [debt["kind"] for debt in (await world.claim(claim))["owed"]] == ["conflict"]


async def test_workers_that_begin_at_the_same_time_stop_a_claim_once(
    idle_world: World, claims_of_nobody: ClaimsClient, activities: Activities
) -> None:
    world, claims = idle_world, claims_of_nobody
    claim = await asked(world, activities)
    await with_a_record_of_another_past(claims, claim)
    async with one_that_only_answers(world, activities):
        both = (after_restore.compare(claims, LONG_AGO) for _ in range(2))
        await asyncio.gather(*both)
        assert [debt["kind"] for debt in (await world.claim(claim))["owed"]] == ["conflict"]
        assert [each["what"] for each in await world.history(claim)].count("conflict") == 1
