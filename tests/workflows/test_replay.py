"""What happened is what happens again: histories replay, also on a worker new to the claim."""

from __future__ import annotations

import asyncio
import json
from typing import Any

from temporalio import activity
from temporalio.worker import Replayer

from activities import Activities
from cpor.plugin import ClaimsPlugin
from cpor.rules.pinning import PIN_RULES, PinnedRules, PinQuestion
from tests.examples import OPERATOR, PARTNER, REVIEWER
from tests.workflows.world import DAY, Handle, World
from workflows.claim import ClaimWorkflow
from workflows.worker import SANDBOX


async def test_a_claim_with_everything_in_it_replays(world: World) -> None:
    world.post.refuses["lars@contoso.example"] = "550 5.1.1 no such person"
    claim = await world.open()
    await claim.signal("approve", {"by": PARTNER})
    await claim.signal("nonsense", args=[1, 2])
    asked = [{"reason": "missing_products", "product": "Teams"}]
    await world.tell(claim, "request_info", by=REVIEWER, requests=asked)
    await world.pass_time(claim, DAY)
    await world.tell(claim, "submit", by=PARTNER, comment="See page 3.")
    await world.tell(claim, "approve", by=REVIEWER)
    await world.until_claim(claim, consent="held", owed=[])
    world.post.refuses.clear()
    await claim.cancel()
    await world.tell(claim, "retry", by=OPERATOR)
    await world.until_claim(claim, consent="pending", owed=[])
    await world.pass_time(claim, 8 * DAY)
    await world.until_claim(claim, eligibility="sent", owed=[])
    replayer = Replayer(
        workflows=[ClaimWorkflow],
        plugins=[ClaimsPlugin()],
        workflow_runner=SANDBOX,
        debug_mode=True,
    )
    await replayer.replay_workflow(await claim.fetch_history())


async def test_another_worker_knows_the_claim_as_the_first_one_did(idle_world: World) -> None:
    world = idle_world
    async with Activities(world.settings) as activities, world.working(activities):
        claim = await world.open()
        await world.tell(claim, "start_review", by=REVIEWER)
        await world.until_claim(claim, owed=[])
        before = await everything(world, claim)
    async with Activities(world.settings) as activities, world.working(activities):
        after = await everything(world, claim)
        assert json.dumps(after) == json.dumps(before)


async def test_a_claim_that_is_queried_while_its_rules_are_asked_for_replays_as_it_was(
    idle_world: World,
) -> None:
    """A task that a query ends early must not give the claim another time in a replay."""
    world = idle_world

    @activity.defn(name=PIN_RULES)
    async def slowly(question: PinQuestion) -> PinnedRules:
        shown = [claim.query("claim") for _ in range(3)]
        await asyncio.wait([asyncio.ensure_future(each) for each in shown], timeout=1)
        return await pin_rules(question)

    async with Activities(world.settings) as activities:
        (pin_rules,) = (each for each in activities.all if each.__name__ == PIN_RULES)
        activities.all = [*(each for each in activities.all if each != pin_rules), slowly]
        claim = await world.open()
        async with world.working(activities):
            await world.until_claim(claim, owed=[])
            before = await everything(world, claim)
        async with world.working(activities):
            after = await everything(world, claim)
    assert after == before


async def everything(world: World, claim: Handle) -> list[Any]:
    return [await claim.query("claim"), await claim.query("deadlines"), await world.history(claim)]
