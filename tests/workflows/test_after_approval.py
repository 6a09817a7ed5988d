"""What comes after approval on a real engine: a new run, the hand-off through bad days, the end."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from temporalio.api.sdk.v1 import WorkflowMetadata

from activities import Activities
from cpor.rules.chain import misfits
from tests.activities.servers import HttpReceiver
from tests.examples import CUSTOMER, PARTNER, REVIEWER, SYSTEM
from tests.workflows.world import DAY, LONG_HISTORY, Handle, World, ask

DOWN = "http://127.0.0.1:1/"
"""Nobody listens there."""
AT_ONCE = 20


async def official(world: World, after: timedelta = 8 * DAY, **changes: object) -> Handle:
    claim = await world.open(**changes)
    await world.until(lambda: _no_mail_is_owed(world, claim))
    await world.tell(claim, "approve", by=REVIEWER)
    await world.until(lambda: _no_mail_is_owed(world, claim))
    await world.pass_time(claim, after)
    return world.client.get_workflow_handle(claim.id)


async def _no_mail_is_owed(world: World, claim: Handle) -> bool:
    return all(debt["kind"] == "event" for debt in (await world.claim(claim))["owed"])


def ids(receiver: HttpReceiver) -> list[str]:
    return [json.loads(body)["id"] for _, body in receiver.requests]


async def test_an_official_claim_goes_on_in_a_new_run_and_knows_all_it_knew(world: World) -> None:
    claim = await world.open()
    said = await world.tell(claim, "comment", id="m-1", by=PARTNER, text="Page 3.")
    await world.tell(claim, "approve", by=REVIEWER)
    await world.until_claim(claim, consent="pending", owed=[])
    clocks = await ask(claim, "deadlines")
    await world.pass_time(claim, 8 * DAY)
    await world.until(lambda: _is_in_another_run(world, claim))
    before = (
        f"/namespaces/{world.client.namespace}/workflows/{claim.id}/{claim.first_execution_run_id}"
    )
    claim = world.client.get_workflow_handle(claim.id)
    shown = await claim.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
    assert f"({before}/history)" in shown.current_details, "the page links to the run before"
    known = await world.until_claim(claim, eligibility="sent", owed=[])
    assert known["official_since"]
    assert await ask(claim, "receipt", "m-1") == said
    again = await world.tell(claim, "comment", id="m-1", by=PARTNER, text="Page 3.")
    assert again == said
    assert [each["clock"] for each in await ask(claim, "deadlines")] == [
        each["clock"] for each in clocks
    ]
    record = json.loads((world.folder / f"store/records/{claim.id}/record.json").read_text())
    assert misfits(record) == []
    assert [entry["what"] for entry in record["history"]][-1] == "handed_off"


async def _is_in_another_run(world: World, claim: Handle) -> bool:
    described = await world.client.get_workflow_handle(claim.id).describe()
    return described.run_id != claim.first_execution_run_id


async def test_a_receiver_that_was_down_for_days_gets_the_hand_off_once_under_one_id(
    idle_world: World,
) -> None:
    world = idle_world
    nobody = world.settings.model_copy(update={"hand_off_url": DOWN})
    async with Activities(nobody) as activities, world.working(activities):
        claim = await official(world)
        await world.until_claim(claim, consent="lapsed")
        await world.pass_time(claim, timedelta(hours=1))
        (late,) = (await world.claim(claim))["owed"]
        assert (late["kind"], late["state"]) == ("hand_off", "late")
        await world.pass_time(claim, 6 * DAY)
        assert (await world.claim(claim))["owed"][0]["id"] == late["id"]
    async with HttpReceiver("503 Service Unavailable") as receiver:
        there = world.settings.model_copy(update={"hand_off_url": receiver.url})
        async with Activities(there) as activities, world.working(activities):
            for status in ("503 Service Unavailable", "429 Too Many Requests", "202 Accepted"):
                receiver.status, before = status, len(receiver.requests)
                await world.pass_time(claim, 1 * DAY)
                assert len(receiver.requests) > before
            await world.until_claim(claim, eligibility="sent", owed=[])
        assert set(ids(receiver)) == {f"{claim.id}.ready.1"}


@pytest.mark.parametrize("answer", ["429 Too Many Requests", "503 Service Unavailable"])
async def test_a_receiver_that_asks_for_40_minutes_gets_them_across_the_new_run(
    idle_world: World, answer: str
) -> None:
    world = idle_world
    async with HttpReceiver(answer, "retry-after: 2400\r\n") as receiver:
        settings = world.settings.model_copy(update={"hand_off_url": receiver.url})
        async with Activities(settings) as activities, world.working(activities):
            claim = await official(world, after=7 * DAY + timedelta(minutes=2))
            await world.until(lambda: _is_in_another_run(world, claim))
            late = await world.until(lambda: _late(world, claim))
            assert answer in late["last_answer"]
            next_try = datetime.fromisoformat(late["next_try"])
            await world.pass_time(claim, next_try - await world.now(claim) - timedelta(minutes=2))
            assert (await world.claim(claim))["owed"] == [late]
            assert len(receiver.requests) == 1
            receiver.status = "202 Accepted"
            await world.pass_time(claim, timedelta(minutes=4))
            known = await world.until_claim(claim, eligibility="sent", owed=[])
    assert len(receiver.requests) == 2
    lapsed_at = datetime.fromisoformat(known["official_since"])
    assert datetime.fromisoformat(known["handed_off_at"]) >= lapsed_at + timedelta(minutes=40)
    assert set(ids(receiver)) == {f"{claim.id}.ready.1"}


async def _late(world: World, claim: Handle) -> dict[str, Any]:
    """The hand-off, once it is late and nothing else is owed."""
    owed: list[dict[str, Any]] = (await world.claim(claim))["owed"]
    return owed[0] if [each["state"] for each in owed] == ["late"] else {}


async def test_a_hand_off_that_was_refused_and_yet_judged_is_recalled(idle_world: World) -> None:
    world = idle_world
    async with HttpReceiver("409 Conflict") as receiver:
        settings = world.settings.model_copy(update={"hand_off_url": receiver.url})
        async with Activities(settings) as activities, world.working(activities):
            claim = await official(world)
            await world.until(lambda: _is_parked(world, claim))
            await world.tell(claim, "eligibility_result", by=SYSTEM, outcome="eligible")
            receiver.status = "202 Accepted"
            await world.tell(claim, "disassociate", by=PARTNER, reason="We part ways.")
            known = await world.until_over(claim)
    assert known["eligibility"] == "recalled"
    assert ids(receiver) == [f"{claim.id}.ready.1", f"{claim.id}.recalled.1"]


async def _is_parked(world: World, claim: Handle) -> bool:
    owed = (await world.claim(claim))["owed"]
    return [(each["kind"], each["state"]) for each in owed] == [("hand_off", "parked")]


async def test_an_end_while_the_hand_off_is_on_its_way_is_recalled_once_that_was_taken(
    idle_world: World,
) -> None:
    world = idle_world
    async with HttpReceiver("503 Service Unavailable") as receiver:
        settings = world.settings.model_copy(update={"hand_off_url": receiver.url})
        async with Activities(settings) as activities, world.working(activities):
            claim = await official(world, edition="2023")
            await world.until(lambda: _was_tried(receiver))
            await world.tell(claim, "disassociate", by=PARTNER, reason="We part ways.")
            assert (await world.claim(claim))["status"] == "Rejected final"
            code, _ = await world.refused(
                claim, "disassociate", {"by": PARTNER, "reason": "Again."}
            )
            assert code == "wrong_status"
            await world.tell(claim, "eligibility_result", by=SYSTEM, outcome="eligible")
            receiver.status = "202 Accepted"
            known = await world.until_over(claim)
    assert known["eligibility"] == "recalled"
    assert list(dict.fromkeys(ids(receiver))) == [f"{claim.id}.ready.1", f"{claim.id}.recalled.1"]
    first, last = (json.loads(receiver.requests[place][1]) for place in (0, -1))
    assert last["type"] == "cpor.claim.recalled"
    assert last["data"]["recalls"] == first["id"]
    assert {name: last["data"][name] for name in first["data"]} == first["data"]


async def _was_tried(receiver: HttpReceiver) -> bool:
    return bool(receiver.requests)


async def test_a_customer_may_still_decline_in_2023_and_the_hand_off_is_recalled(
    world: World,
) -> None:
    claim = await official(world, edition="2023")
    await world.until_claim(claim, eligibility="sent", owed=[])
    await world.tell(claim, "decline", by=CUSTOMER)
    known = await world.until_over(claim)
    assert (known["status"], known["consent"], known["eligibility"]) == (
        "Rejected", "declined", "recalled",
    )  # fmt: skip
    assert {path.name for path in world.outbox.iterdir()} == {
        f"{claim.id}.ready.1.json", f"{claim.id}.recalled.1.json",
    }  # fmt: skip


async def test_the_portal_hears_of_each_change_in_order(idle_world: World) -> None:
    world = idle_world
    async with HttpReceiver("202 Accepted") as portal:
        settings = world.settings.model_copy(update={"portal_events_url": portal.url})
        async with Activities(settings) as activities, world.working(activities):
            claim = await official(world)
            await world.until_claim(claim, eligibility="sent", owed=[])
            await world.tell(claim, "disassociate", by=PARTNER, reason="We part ways.")
            await world.until_over(claim)
    events = [json.loads(body) for _, body in portal.requests]
    seen = [
        (event["type"].rpartition(".")[2], *map(event["data"].get, ("status", "consent")))
        for event in events
    ]
    assert seen == [
        ("changed", "Submitted", "none"),
        ("changed", "Approved", "pending"),
        ("official", None, None),
        ("changed", "Approved", "lapsed"),
        ("changed", "Approved", "lapsed"),
        ("ended", None, None),
        ("changed", "Rejected", "lapsed"),
        ("changed", "Rejected", "lapsed"),
    ]
    assert [event["data"]["eligibility"] for event in events if "eligibility" in event["data"]] == [
        "none", "none", "none", "sent", "sent", "recalled",
    ]  # fmt: skip
    assert len({event["id"] for event in events}) == len(events)


async def test_a_portal_that_refuses_holds_back_no_hand_off(idle_world: World) -> None:
    world = idle_world
    async with HttpReceiver("400 Bad Request") as portal:
        settings = world.settings.model_copy(update={"portal_events_url": portal.url})
        async with Activities(settings) as activities, world.working(activities):
            claim = await official(world)
            known = await world.until_claim(claim, eligibility="sent")
            assert {debt["kind"] for debt in known["owed"]} == {"event"}
            assert len(portal.requests) == 1, "the others wait for the first"
            portal.status = "202 Accepted"
            await world.tell(claim, "retry", by={"role": "operator", "id": "olga"})
            await world.until_claim(claim, owed=[])
    assert len(set(ids(portal))) == len(ids(portal)) - 1


@pytest.mark.thorough
async def test_a_claim_lives_on_through_two_more_runs_with_all_receipts(world: World) -> None:
    claim = await official(world)
    await world.until_claim(claim, eligibility="sent", owed=[])
    runs = [await _run_of(claim)]
    answers: list[dict[str, object]] = []
    for number in range(2):
        message = {"id": f"j-{number}", "by": SYSTEM, "outcome": "eligible"}
        answers.append(await world.tell(claim, "eligibility_result", **message))
        await asyncio.gather(*(_is_refused_a_lot(claim) for _ in range(AT_ONCE)))
        await world.until(lambda: _is_not_in(runs, claim))
        runs.append(await _run_of(claim))
    assert len(set(runs)) == 3
    for number, answer in enumerate(answers):
        assert await ask(claim, "receipt", f"j-{number}") == answer
    history = await world.history(claim)
    assert [entry["seq"] for entry in history] == list(range(1, len(history) + 1))


async def _run_of(claim: Handle) -> str | None:
    return (await claim.describe()).run_id


async def _is_refused_a_lot(claim: Handle) -> None:
    for _ in range(LONG_HISTORY // AT_ONCE + 1):
        await claim.signal("approve", {"by": PARTNER})


async def _is_not_in(runs: list[str | None], claim: Handle) -> bool:
    return await _run_of(claim) not in runs
