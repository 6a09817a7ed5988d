"""Uploads go when they are sealed, and after a week where nobody seals them; never before."""

from __future__ import annotations

import os
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from temporalio.client import Client

from activities import Activities
from cpor.client import leftovers
from cpor.client.client import ClaimsClient
from cpor.plugin import ClaimsPlugin
from tests.examples import PROOF, PROOF_SHA256, opening
from tests.workflows.world import World

WEEK = timedelta(days=7)


def upload(world: World, claim_id: str, name: str, age: timedelta) -> Path:
    place = Path(world.settings.store_url) / "incoming" / claim_id / name
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(PROOF)
    at = (datetime.now(UTC) - age).timestamp()
    os.utime(place, (at, at))
    return place


async def sweep(claims: ClaimsClient) -> dict[str, str | None]:
    return {
        each.claim_id: each.kept_because
        async for each in leftovers.swept(claims, datetime.now(UTC))
    }


async def test_what_no_claim_has_named_goes_after_a_week(
    idle_world: World, claims_of_nobody: ClaimsClient
) -> None:
    old = upload(idle_world, "CPOR-NOBODY", "0" * 64, WEEK + timedelta(hours=1))
    new = upload(idle_world, "CPOR-NOBODY", "1" * 64, WEEK - timedelta(hours=1))
    odd = upload(idle_world, "no claim id", "x", 2 * WEEK)
    assert await sweep(claims_of_nobody) == {"CPOR-NOBODY": None, "no claim id": None}
    assert [each.exists() for each in (old, new, odd)] == [False, True, False]


async def test_many_workers_sweep_by_themselves_and_do_each_other_no_harm(
    idle_world: World, claims_of_nobody: ClaimsClient
) -> None:
    old = [upload(idle_world, "CPOR-NOBODY", f"{number:064}", 2 * WEEK) for number in range(30)]
    async with AsyncExitStack() as workers:
        for _ in range(5):
            await workers.enter_async_context(leftovers.sweeping(claims_of_nobody))

        async def gone() -> bool:
            return not any(each.exists() for each in old)

        await idle_world.until(gone)


async def test_a_sweep_that_fails_ends_no_worker(
    idle_world: World, claims_of_nobody: ClaimsClient, caplog: pytest.LogCaptureFixture
) -> None:
    old = upload(idle_world, "CPOR-NOBODY", "0" * 64, 2 * WEEK)
    nowhere = await Client.connect("127.0.0.1:1", lazy=True, plugins=[ClaimsPlugin()])
    async with leftovers.sweeping(ClaimsClient(nowhere, claims_of_nobody.store)):

        async def told() -> bool:
            return "unsealed uploads stay" in caplog.text

        await idle_world.until(told)
    assert old.exists()


async def test_what_was_uploaded_anew_since_it_was_listed_stays(
    idle_world: World, claims_of_nobody: ClaimsClient
) -> None:
    week_ago = datetime.now(UTC) - WEEK
    anew = upload(idle_world, "CPOR-NOBODY", "0" * 64, timedelta())
    assert not await claims_of_nobody.store.forget_upload("CPOR-NOBODY", "0" * 64, week_ago)
    assert anew.exists()


async def test_what_a_claim_has_still_to_seal_stays_however_long_nobody_could(
    idle_world: World, claims_of_nobody: ClaimsClient
) -> None:
    world, claim_id = idle_world, idle_world.new_id()
    awaited = upload(world, claim_id, PROOF_SHA256, 2 * WEEK)
    unnamed = upload(world, claim_id, "0" * 64, 2 * WEEK)
    (Path(world.settings.store_url) / "evidence").write_text("no folder: nothing can be sealed")
    async with Activities(world.settings) as activities, world.working(activities):
        await world.start(claim_id, opening(claim_id))
        kept = {
            each.name: each.kept_because
            async for each in leftovers.swept(claims_of_nobody, datetime.now(UTC))
        }
        assert kept == {PROOF_SHA256: "the claim has still to seal it", "0" * 64: None}
    assert (awaited.exists(), unnamed.exists()) == (True, False)
