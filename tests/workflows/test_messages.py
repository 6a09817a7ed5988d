"""Signals and updates: the same names, the same rules, one receipt a message."""

from __future__ import annotations

import asyncio

import pytest
from temporalio import activity
from temporalio.service import RPCError

from activities import Activities
from cpor.rules.deadlines import Calendars
from cpor.rules.messages import MESSAGES
from cpor.rules.pinning import PIN_RULES, PinnedRules, PinQuestion
from tests.examples import CUSTOMER, OPERATOR, PARTNER, REVIEWER
from tests.workflows.world import LIMIT, Handle, World
from workflows.claim import ClaimWorkflow


async def events(handle: Handle) -> int:
    return len((await handle.fetch_history()).events)


async def test_the_same_update_again_gets_the_first_receipt_and_changes_nothing(
    world: World,
) -> None:
    claim = await world.open()
    first = await world.tell(claim, "start_review", by=REVIEWER, id="m-1")
    history = await world.history(claim)
    assert await world.tell(claim, "start_review", by=REVIEWER, id="m-1") == first
    assert await world.history(claim) == history
    assert await claim.query("receipt", "m-1", result_type=dict) == first


async def test_an_update_after_its_own_signal_gets_the_receipt_of_the_signal(world: World) -> None:
    claim = await world.open()
    await claim.signal("approve", {"by": REVIEWER, "id": "m-1"})
    receipt = await world.tell(claim, "approve", by=REVIEWER, id="m-1")
    assert receipt["text"] == "Approved. The customer is being told."
    assert [entry["what"] for entry in await world.history(claim)].count("approve") == 1


async def test_an_id_used_for_something_else_is_invalid(world: World) -> None:
    claim = await world.open()
    await world.tell(claim, "comment", by=PARTNER, text="One.", id="m-1")
    again = {"by": PARTNER, "text": "Two.", "id": "m-1"}
    assert await world.refused(claim, "comment", again) == (
        "invalid",
        "id: was used before for another message; use a new one",
    )


async def test_a_refused_update_leaves_no_event(world: World) -> None:
    claim = await world.open()
    await world.until_claim(claim, owed=[])
    before = await events(claim)
    code, text = await world.refused(claim, "decline", {"by": CUSTOMER})
    assert code == "wrong_status"
    assert "possible now" in text
    assert await events(claim) == before


async def test_a_refused_signal_stays_in_the_history_and_has_a_receipt(world: World) -> None:
    claim = await world.open()
    await world.until_claim(claim, edition="2020")
    await claim.signal("approve", {"by": PARTNER, "id": "m-1"})
    receipt = await claim.query("receipt", "m-1", result_type=dict)
    assert (receipt["outcome"], receipt["code"]) == ("refused", "wrong_role")
    (entry,) = [entry for entry in await world.history(claim) if entry["what"] == "refused"]
    assert entry["changes"] == {"message": "approve", "code": "wrong_role", "id": "m-1"}
    assert all(entry["what"] != "refused" for entry in await world.history(claim, "partner"))


async def test_the_engines_cancel_button_does_not_lose_a_claim(world: World) -> None:
    claim = await world.open()
    await world.until_claim(claim, owed=[])
    await claim.cancel()

    async def written() -> bool:
        return (await world.history(claim))[-1]["what"] == "refused"

    await world.until(written)
    await world.tell(claim, "approve", by=REVIEWER)


async def test_a_message_to_an_ended_claim_finds_nobody(world: World) -> None:
    claim = await world.open()
    await world.tell(claim, "withdraw", by=PARTNER, reason="other")
    await world.until_over(claim)
    with pytest.raises(RPCError, match="completed"):
        await claim.signal("retry", {"by": OPERATOR})


async def test_a_cancel_while_the_rules_are_pinned_does_not_lose_a_claim(
    idle_world: World,
) -> None:
    world, asked, cancelled = idle_world, asyncio.Event(), asyncio.Event()

    @activity.defn(name=PIN_RULES)
    async def pin_when_cancelled(question: PinQuestion) -> PinnedRules:
        asked.set()
        await cancelled.wait()
        return PinnedRules(edition="2020", calendars=Calendars())

    async with Activities(world.settings) as activities:
        others = [each for each in activities.all if each.__name__ != PIN_RULES]
        activities.all = [*others, pin_when_cancelled]
        async with world.working(activities):
            claim = await world.open()
            async with asyncio.timeout(LIMIT):
                await asked.wait()
            await claim.cancel()
            cancelled.set()
            await world.until_claim(claim, edition="2020", owed=[])
            await world.tell(claim, "approve", by=REVIEWER)


async def test_a_cancel_before_anything_else_does_not_lose_a_claim(idle_world: World) -> None:
    claim = await idle_world.open()
    await claim.cancel()
    async with Activities(idle_world.settings) as activities, idle_world.working(activities):
        await idle_world.until_claim(claim, status="Submitted", edition="2020", owed=[])


@pytest.mark.parametrize("name", MESSAGES)
def test_every_message_is_heard_as_signal_and_as_update(name: str) -> None:
    assert hasattr(ClaimWorkflow, f"signal_{name}")
    assert hasattr(ClaimWorkflow, f"update_{name}")
