"""An upgrade of the worker on a real engine: claims go over to the version that is current."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

import pytest
from pydantic import ValidationError
from temporalio.api.enums.v1 import EventType
from temporalio.api.workflowservice.v1 import SetWorkerDeploymentCurrentVersionRequest
from temporalio.service import RPCError

from activities import Activities
from cpor.rules.facts import RULES
from cpor.settings import Settings
from tests.examples import PARTNER, REVIEWER, SYSTEM
from tests.workflows.replayed import claim_after
from tests.workflows.world import DAY, Handle, World
from workflows.worker import DEPLOYMENT, claims_worker

THIS, NEXT = "0.1.0", "0.2.0+b7f3"


@asynccontextmanager
async def deployed(world: World, build_id: str) -> AsyncGenerator[None]:
    """A worker of this version, made current as an operator would."""
    async with (
        Activities(world.settings) as activities,
        claims_worker(
            world.client,
            activities.all,
            activities.stamps,
            world.task_queue,
            sandboxed=True,
            build_id=build_id,
        ),
    ):
        await world.until(lambda: is_made_current(world, build_id))
        yield


async def is_made_current(world: World, build_id: str) -> bool:
    """Temporal knows a version a moment after its first worker asked for work."""
    try:
        await world.client.workflow_service.set_worker_deployment_current_version(
            SetWorkerDeploymentCurrentVersionRequest(
                namespace=world.client.namespace,
                deployment_name=DEPLOYMENT,
                build_id=build_id,
                # Each test has a task queue of its own; those of others are gone.
                ignore_missing_task_queues=True,
            )
        )
    except RPCError:
        return False
    return True


async def versions(claim: Handle) -> list[str]:
    """Of the workers that took the run's steps, one after the other."""
    found = [
        event.workflow_task_completed_event_attributes.deployment_version.build_id
        async for event in claim.fetch_history_events()
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED
    ]
    return list(dict.fromkeys(found))


@pytest.mark.parametrize("build_id", ["two words", "-x", "v1/2", "x" * 101])
def test_a_build_id_can_be_typed_in_a_command(build_id: str) -> None:
    with pytest.raises(ValidationError, match="letters, digits and"):
        Settings(build_id=build_id)


async def run_of(claim: Handle) -> str | None:
    return (await claim.describe()).run_id


async def test_a_claim_in_review_goes_on_in_its_run_with_the_next_version(
    idle_world: World,
) -> None:
    world = idle_world
    async with deployed(world, THIS):
        claim = await world.open()
        said = await world.tell(claim, "comment", id="m-1", by=PARTNER, text="Page 3.")
        await world.until_claim(claim, owed=[])
    async with deployed(world, NEXT):
        assert await world.tell(claim, "comment", id="m-1", by=PARTNER, text="Page 3.") == said
        await world.tell(claim, "approve", by=REVIEWER)
        await world.until_claim(claim, consent="pending", owed=[])
    assert await versions(claim) == [THIS, NEXT]
    assert await run_of(claim) == claim.first_execution_run_id


async def test_an_official_claim_leaves_the_old_versions_history_behind(idle_world: World) -> None:
    world = idle_world
    async with deployed(world, THIS):
        claim = await world.open()
        await world.tell(claim, "approve", by=REVIEWER)
        await world.until_claim(claim, consent="pending", owed=[])
        await world.pass_time(claim, 8 * DAY)
        claim = world.client.get_workflow_handle(claim.id)
        await world.until_claim(claim, eligibility="sent", owed=[])
        before = await run_of(claim)
    async with deployed(world, NEXT):
        message = {"id": "j-1", "by": SYSTEM, "outcome": "eligible"}
        said = await world.tell(claim, "eligibility_result", **message)

        async def is_in_another_run() -> bool:
            return await run_of(claim) != before

        await world.until(is_in_another_run)
        assert await world.tell(claim, "eligibility_result", **message) == said
        assert await versions(claim) == [NEXT]
        again = await run_of(claim)
        await world.tell(claim, "comment", by=REVIEWER, text="Well done.")
        assert await run_of(claim) == again, "once for each version"
    left = await world.client.get_workflow_handle(claim.id, run_id=before).fetch_history()
    assert json.loads(await claim_after(left))["rules"] == RULES, "it replays, its last step too"


async def test_a_claim_from_before_versions_goes_over_to_the_first(idle_world: World) -> None:
    world = idle_world
    async with Activities(world.settings) as activities, world.working(activities):
        claim = await world.open()
        await world.until_claim(claim, owed=[])
    async with deployed(world, THIS):
        await world.tell(claim, "start_review", by=REVIEWER)
    assert await versions(claim) == ["", THIS]
