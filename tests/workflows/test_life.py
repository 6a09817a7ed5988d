"""The life of a claim on a real engine, from submission to hand-off."""

from __future__ import annotations

import json
from datetime import timedelta

from tests.examples import CUSTOMER, PARTNER, REVIEWER, opening
from tests.workflows.conftest import World

DAYS = timedelta(days=1)


async def test_a_claim_nobody_objects_to_is_handed_off(world: World) -> None:
    claim = await world.open()
    await world.tell(claim, "start_review", by=REVIEWER)
    approved = await world.tell(claim, "approve", by=REVIEWER)
    assert approved["outcome"] == "accepted"
    await world.until_claim(claim, consent="pending", owed=[])
    assert await world.skip(claim, 8 * DAYS)
    handed_off = await world.until_claim(claim, consent="lapsed", eligibility="sent", owed=[])
    assert handed_off["status"] == "Approved"
    assert handed_off["waiting_for"] == "nobody"
    (event,) = world.outbox.iterdir()
    assert json.loads(event.read_text())["data"]["claim_id"] == claim.id
    kinds = [mail["X-Notice"] for mail in world.mails(claim.id)]
    assert sorted(kinds) == sorted(
        ["submitted", "to_review", "consent", "approved", "official", "handed_off"]
    )
