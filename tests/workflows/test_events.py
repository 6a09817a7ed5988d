"""A portal that takes events hears of every status of a real claim, however short its life."""

from __future__ import annotations

import asyncio
import json
from random import Random

from activities import Activities
from tests.activities.servers import HttpReceiver
from tests.examples import PARTNER, REVIEWER
from tests.workflows.world import LIMIT, Handle, World

CLAIMS = 12
WITHDRAW = {"by": PARTNER, "reason": "other"}
ASK = {"by": REVIEWER, "requests": [{"reason": "missing_all_poe"}]}


async def test_the_events_of_claims_withdrawn_at_random_moments_are_complete_and_in_order(
    idle_world: World,
) -> None:
    world, dice = idle_world, Random(7)
    async with HttpReceiver() as portal:
        settings = world.settings.model_copy(update={"portal_events_url": portal.url})
        async with Activities(settings) as activities, world.working(activities):
            claims = await asyncio.gather(
                *(_opened_and_withdrawn(world, dice.random() / 4) for _ in range(CLAIMS))
            )
            entries = [await _statuses(world, claim) for claim in claims]
        events = [json.loads(body) for _, body in portal.requests]
    heard = [
        [event["data"]["status"] for event in events if event["subject"] == claim.id]
        for claim in claims
    ]
    assert heard == entries
    assert all(statuses[0] == "Submitted" for statuses in heard)
    assert all(statuses[-1] == "Rejected" for statuses in heard)


async def _opened_and_withdrawn(world: World, moment: float) -> Handle:
    claim = await world.open()
    await claim.signal("request_info", ASK)
    await asyncio.sleep(moment)
    await claim.signal("withdraw", WITHDRAW)
    return claim


async def _statuses(world: World, claim: Handle) -> list[str]:
    """The way to its end, as the record tells it."""
    async with asyncio.timeout(LIMIT):
        await claim.result()
    record = world.folder / f"store/records/{claim.id}/record.json"
    changes = [entry.get("changes", {}) for entry in json.loads(record.read_text())["history"]]
    return [each["status"][1] for each in changes if "status" in each]
