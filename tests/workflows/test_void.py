"""A debt that was crossed off is not paid, whatever its activity says in the same moment."""

from __future__ import annotations

from datetime import timedelta

import pytest
from temporalio.api.enums.v1 import EventType

from activities import Activities
from tests.examples import PARTNER, REVIEWER
from tests.workflows.world import Handle, World
from workflows import claim as claim_workflow
from workflows.worker import claims_worker

TRY_LATER = "451 4.3.0 come back later"


async def test_a_notice_that_timed_out_beside_a_withdrawal_is_never_sent(
    idle_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No worker is there while the first tries run out and the partner withdraws."""
    world = idle_world
    monkeypatch.setattr(claim_workflow, "FIRST_TRIES", timedelta(seconds=3))
    world.post.refuses["lars@contoso.example"] = TRY_LATER
    async with Activities(world.settings) as activities:
        async with claims_worker(world.client, activities.all, activities.stamps, world.task_queue):
            claim = await world.open()
            await world.tell(claim, "approve", by=REVIEWER)
            await world.until(lambda: _tried(claim))
        await world.until(lambda: _has_event(claim, EventType.EVENT_TYPE_ACTIVITY_TASK_TIMED_OUT))
        await claim.signal("withdraw", {"by": PARTNER, "reason": "other"})
        world.post.refuses.clear()
        async with claims_worker(world.client, activities.all, activities.stamps, world.task_queue):
            result = await world.until_over(claim)
    assert result["status"] == "Rejected"
    assert "consent" not in world.kinds(claim)


async def _tried(claim: Handle) -> bool:
    pending = (await claim.describe()).raw_description.pending_activities
    return any(each.HasField("last_failure") for each in pending)


async def _has_event(claim: Handle, kind: EventType.ValueType) -> bool:
    events = (await claim.fetch_history()).events
    return any(
        event.event_type in (kind, EventType.EVENT_TYPE_ACTIVITY_TASK_FAILED) for event in events
    )
