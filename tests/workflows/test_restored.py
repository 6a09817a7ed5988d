"""The engine's own database is copied, the customer declines, and the copy is put back."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from activities import Activities
from cpor import ClaimsClient, engine
from cpor.client import after_restore
from cpor.store import Store
from tests.engines import connected, registered
from tests.examples import OPERATOR, REVIEWER
from tests.patience import PATIENT
from tests.workflows.world import DAY, Handle, World, a_world
from workflows.worker import claims_worker

pytestmark = pytest.mark.thorough


@asynccontextmanager
async def on_engine(data: Path, folder: Path) -> AsyncGenerator[World]:
    """A world without a worker, whose engine keeps what happens in this file."""
    async with engine.running(
        data=data, port=0, ui_port=None, time_skipping=True, tell=lambda _: None
    ) as running:
        client = await registered(await connected(running.address))
        async with a_world(client, folder) as world:
            yield world


@asynccontextmanager
async def at_work(world: World) -> AsyncGenerator[None]:
    async with Activities(world.settings) as activities, world.working(activities):
        yield


async def declined_and_forgotten(data: Path, folder: Path) -> tuple[str, datetime]:
    """The claim, and when the backup was made."""
    async with on_engine(data, folder) as world, at_work(world):
        claim = await world.open()
        await world.tell(claim, "approve", by=REVIEWER)
        await world.until_claim(claim, consent="pending", owed=[])
    shutil.copytree(data.parent, folder / "backup")
    made = datetime.now(UTC)
    async with on_engine(data, folder) as world, at_work(world):
        claim = world.client.get_workflow_handle(claim.id)
        await world.tell(claim, "decline", by=OPERATOR, contact="contact", came_by="telephone")
        await world.until(lambda: kept_no(world, claim))
    shutil.rmtree(data.parent)
    shutil.copytree(folder / "backup", data.parent)
    return claim.id, made


async def kept_no(world: World, claim: Handle) -> bool:
    record = await Store.open(world.settings.store_url).read_record(claim.id)
    return record is not None and record["consent"] == "declined"


async def compared_first(world: World, since: datetime) -> None:
    claims = ClaimsClient(
        world.client,
        Store.open(world.settings.store_url),
        world.task_queue,
        answer_timeout=PATIENT,
    )
    async with Activities(world.settings) as activities:
        answering = claims_worker(
            world.client, activities.all, activities.stamps, world.task_queue, answers_only=True
        )
        async with answering:
            await after_restore.compare(claims, since)


@pytest.mark.parametrize("begin_by_comparing", [False, True])
async def test_nothing_is_handed_off_when_the_window_ends(
    tmp_path: Path, begin_by_comparing: bool
) -> None:
    data = tmp_path / "engine/temporal.db"
    data.parent.mkdir()
    claim_id, backup = await declined_and_forgotten(data, tmp_path)
    async with on_engine(data, tmp_path) as world:
        claim = world.client.get_workflow_handle(claim_id)
        if begin_by_comparing:
            await compared_first(world, backup - timedelta(minutes=1))
        async with at_work(world):
            assert (await world.claim(claim))["consent"] == "pending"
            await asyncio.wait_for(world.skipper.fast_forward(claim, 10 * DAY), 120)
            claimed = await world.until(lambda: in_conflict(world, claim))
            assert claimed is not None
            assert claimed["consent"] == ("pending" if begin_by_comparing else "lapsed")
            assert world.kinds(claim) == ([] if begin_by_comparing else ["official"])
    assert not list(world.outbox.glob("*"))


async def in_conflict(world: World, claim: Handle) -> dict[str, object] | None:
    claimed = await world.claim(claim)
    return claimed if "conflict" in {debt["kind"] for debt in claimed["owed"]} else None
