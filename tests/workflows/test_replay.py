"""What happened is what happens again: histories replay, also on a worker new to the claim."""

from __future__ import annotations

import json

from temporalio.worker import Replayer

from activities import Activities
from cpor.plugin import ClaimsPlugin
from tests.examples import OPERATOR, PARTNER, REVIEWER
from tests.workflows.world import DAY, World
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
        before = [await claim.query(name) for name in ("claim", "deadlines")]
        history = await world.history(claim)
    async with Activities(world.settings) as activities, world.working(activities):
        after = [await claim.query(name) for name in ("claim", "deadlines")]
        assert json.dumps(after) == json.dumps(before)
        assert await world.history(claim) == history
