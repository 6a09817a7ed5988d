"""Who speaks is proven: on the real engine, with keys in a file."""

from __future__ import annotations

import asyncio
import json
from datetime import timedelta
from typing import Any

import pytest
from temporalio import activity
from temporalio.api.enums.v1 import EventType
from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import WorkflowFailureError, WorkflowHistory
from temporalio.exceptions import ApplicationError

from cpor.proofs import Signer, keys
from cpor.proofs.trust import Trust
from cpor.rules.proof import JUDGE_PROOF, ProofMode, ProofQuestion, Verdict
from tests.examples import CUSTOMER, OPERATOR, REVIEWER, SYSTEM
from tests.proofs.keys import LIMITS, TestsJudge, now, trust
from tests.workflows.proving import ADA, proving, signed, write
from tests.workflows.replayed import claim_after
from tests.workflows.world import DAY, Handle, World, at, json_of
from workflows.proofs import JudgeOfProofs
from workflows.worker import claims_worker

HOUR = timedelta(hours=1)


async def state_after(history: WorkflowHistory, mode: ProofMode, trusted: Trust) -> str:
    """What a worker of these settings makes of a history; raises if its commands are others."""
    return await claim_after(history, [JudgeOfProofs(TestsJudge(mode, trusted))])


def markers(history: WorkflowHistory) -> list[str]:
    wanted = EventType.EVENT_TYPE_MARKER_RECORDED
    return [
        event.marker_recorded_event_attributes.marker_name
        for event in history.events
        if event.event_type == wanted
    ]


async def test_a_whole_life_is_signed_by_four_keys(idle_world: World) -> None:
    async with proving(idle_world) as proven:
        world, claim = idle_world, await proven.open()
        await proven.tell(claim, "reviewers", "start_review", id="m-1", by=REVIEWER)
        await proven.tell(
            claim,
            "reviewers",
            "request_info",
            id="m-2",
            by=REVIEWER,
            requests=[{"reason": "missing_or_old_dates"}],
        )
        await proven.tell(claim, "portal", "submit", id="m-3", by=ADA, comment="Here.")
        await proven.tell(claim, "reviewers", "approve", id="m-4", by=REVIEWER)
        await world.until_claim(claim, consent="pending")
        await world.pass_time(claim, 8 * DAY)
        await world.until_claim(claim, eligibility="sent")
        later = await world.now(claim)
        await proven.tell(
            claim,
            "engine",
            "eligibility_result",
            lambda: later,
            id="m-5",
            by=SYSTEM,
            outcome="eligible",
        )
        found = await world.claim(claim)
        assert (found["status"], found["eligibility"]) == ("Approved", "eligible")
        assert found["proofs"] == "require"
        said = {
            (each["what"], each["signed_by"])
            for each in await world.history(claim)
            if each["signed_by"]
        }
    assert said == {
        ("opened", "portal"),
        ("submit", "portal"),
        ("start_review", "reviewers"),
        ("request_info", "reviewers"),
        ("approve", "reviewers"),
        ("eligibility_result", "engine"),
    }


async def test_a_customers_no_is_signed_by_the_page(idle_world: World) -> None:
    async with proving(idle_world) as proven:
        claim = await proven.open()
        await proven.tell(claim, "reviewers", "approve", id="m-1", by=REVIEWER)
        await idle_world.until_claim(claim, consent="pending")
        code, _ = await idle_world.refused(
            claim, "decline", signed(claim, "portal", "decline", id="m-2", by=CUSTOMER)
        )
        assert code == "unsigned"
        await proven.tell(claim, "page", "decline", id="m-2", by=CUSTOMER)
        await idle_world.until_claim(claim, status="Rejected", consent="declined")


async def test_an_unsigned_opening_is_refused(idle_world: World) -> None:
    async with proving(idle_world) as proven:
        for kid in (None, "reviewers"):
            claim = await proven.open(kid)
            with pytest.raises(WorkflowFailureError) as caught:
                await claim.result()
            cause = caught.value.cause
            assert isinstance(cause, ApplicationError)
            assert cause.type == "unsigned"
            for mode in ("off", "warn", "require"):
                # As an operator sees it later, whatever is set and trusted then.
                with pytest.raises(ApplicationError, match="signed by a trusted key"):
                    await state_after(await claim.fetch_history(), mode, trust())


async def test_an_unsigned_update_is_refused_and_leaves_no_trace(idle_world: World) -> None:
    async with proving(idle_world) as proven:
        claim = await proven.open()
        await idle_world.until_claim(claim, waiting_for="reviewer", owed=[])
        before = await idle_world.history(claim)
        code, text = await idle_world.refused(claim, "approve", {"id": "m-1", "by": REVIEWER})
        assert (code, text) == (
            "unsigned",
            "this claim takes only what is signed by a trusted key: by.proof is missing",
        )
        wrong = signed(claim, "portal", "approve", id="m-1", by=REVIEWER)
        code, text = await idle_world.refused(claim, "approve", wrong)
        assert (code, text.rpartition(": ")[2]) == (
            "unsigned",
            "key portal may speak for partner, not reviewer",
        )
        assert await idle_world.history(claim) == before
        history = await claim.fetch_history()
        accepted = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED
        assert all(event.event_type != accepted for event in history.events)
        await proven.tell(claim, "reviewers", "approve", id="m-1", by=REVIEWER)


async def test_an_unsigned_signal_is_written_down_and_takes_nobodys_id(idle_world: World) -> None:
    async with proving(idle_world) as proven:
        claim = await proven.open()
        good = signed(claim, "reviewers", "start_review", id="m-1", by=REVIEWER)
        await claim.signal("start_review", {"id": "m-1", "by": REVIEWER})
        await claim.signal("start_review", {**good, "id": "m-2"})

        async def both() -> list[dict[str, Any]]:
            found = await idle_world.history(claim)
            refused = [each for each in found if each["what"] == "refused"]
            return refused if len(refused) == 2 else []

        for entry in await idle_world.until(both):
            assert entry["changes"]["code"] == "unsigned"
            assert entry["signed_by"] == "unsigned"
        await claim.signal("start_review", good)
        receipt = await idle_world.tell(claim, "start_review", **good)
        assert (receipt["id"], receipt["status"]) == ("m-1", "Under review")


async def test_the_same_message_again_is_the_same_however_often_it_is_signed(
    idle_world: World,
) -> None:
    async with proving(idle_world) as proven:
        claim, other = await proven.open(), await proven.open()
        first = await proven.tell(claim, "reviewers", "approve", id="m-1", by=REVIEWER)
        later = now() + timedelta(minutes=1)
        again = signed(claim, "reviewers", "approve", lambda: later, id="m-1", by=REVIEWER)
        assert await idle_world.tell(claim, "approve", **again) == first
        code, text = await idle_world.refused(other, "approve", again)
        assert (code, text.rpartition(": ")[2]) == ("unsigned", "it is for another claim")


async def test_what_was_signed_for_a_claim_is_worth_nothing_in_a_later_one_of_its_id(
    idle_world: World,
) -> None:
    """Who reads histories and may start workflows could else play a claim again without its end."""
    async with proving(idle_world) as proven:
        first = await proven.open()
        approval = signed(
            first, "reviewers", "approve", lambda: now() - HOUR, id="m-1", by=REVIEWER
        )
        given = (await first.fetch_history()).events[0].workflow_execution_started_event_attributes
        (opened,) = await idle_world.client.data_converter.decode(given.input.payloads)
        await proven.tell(first, "portal", "withdraw", id="m-2", by=ADA, reason="wrong_customer")
        await idle_world.until_over(first)
        again = await idle_world.start(first.id, opened)
        code, text = await idle_world.refused(again, "approve", approval)
        assert (code, text.rpartition(": ")[2]) == (
            "unsigned",
            "it was signed before this claim was opened",
        )
        await again.signal("approve", approval)

        async def refused() -> list[Any]:
            found = await idle_world.history(again)
            return [each for each in found if each["what"] == "refused"]

        assert len(await idle_world.until(refused)) == 1
        assert (await idle_world.claim(again))["status"] == "Submitted"


async def test_warn_takes_what_is_unsigned_and_marks_it(idle_world: World) -> None:
    async with proving(idle_world, "warn") as proven:
        claim = await proven.open(None)
        await idle_world.tell(claim, "start_review", id="m-1", by=REVIEWER)
        wrong = signed(claim, "portal", "comment", id="m-2", by=REVIEWER, text="Hm.")
        await idle_world.tell(claim, "comment", **wrong)
        await proven.tell(claim, "reviewers", "comment", id="m-3", by=REVIEWER, text="Good.")
        found = [
            (each["what"], each["signed_by"], each["remark"])
            for each in await idle_world.history(claim)
            if each["by"]["id"] != "claim"
        ]
        shown = await claim.query("__temporal_workflow_metadata", result_type=WorkflowMetadata)
        page = shown.current_details
    assert found == [
        ("opened", "unsigned", "unsigned"),
        ("submit", "unsigned", "unsigned"),
        ("start_review", "unsigned", "unsigned: by.proof is missing"),
        ("comment", "unsigned", "unsigned: key portal may speak for partner, not reviewer"),
        ("comment", "reviewers", None),
    ]
    assert "reviewer `kim` (unsigned): `start_review`" in page
    assert "what is unsigned is taken and marked" in page


async def test_off_records_nothing_and_looks_at_no_signature(idle_world: World) -> None:
    async with proving(idle_world, "off") as proven:
        claim = await proven.open(None)
        wrong = signed(claim, "portal", "approve", id="m-1", by=REVIEWER)
        await idle_world.tell(claim, "approve", **wrong)
        assert (await idle_world.claim(claim))["proofs"] == "off"
        assert all(each["signed_by"] is None for each in await idle_world.history(claim))
        history = await claim.fetch_history()
        assert markers(history) == []
        scheduled = (each.activity_task_scheduled_event_attributes for each in history.events)
        assert JUDGE_PROOF not in {each.activity_type.name for each in scheduled}


@pytest.mark.parametrize("mode", ["off", "warn", "require"])
async def test_a_replay_finds_what_was_found_whatever_is_set_and_trusted_then(
    idle_world: World, mode: ProofMode
) -> None:
    """After a rotation, a revocation, a lost file; on a worker that is set otherwise."""
    async with proving(idle_world, mode) as proven:
        claim = await proven.open()
        unsigned = {"id": "m-0", "by": REVIEWER, "text": "Unsigned."}
        await claim.signal("comment", unsigned)
        await claim.signal(
            "comment", signed(claim, "portal", "comment", id="m-1", by=REVIEWER, text="Hm.")
        )
        await proven.tell(claim, "reviewers", "start_review", id="m-2", by=REVIEWER)
        await proven.tell(claim, "reviewers", "approve", id="m-3", by=REVIEWER)
        await idle_world.until_claim(claim, consent="pending", owed=[])
        history = await claim.fetch_history()
        as_it_was = await idle_world.claim(claim), await idle_world.history(claim)
    gone = {"valid_until": "2026-01-01T00:00:00Z"}
    trusts = [trust(), trust(reviewers=gone, portal=gone), Trust()]
    others: tuple[ProofMode, ...] = ("off", "warn", "require")
    states = {await state_after(history, other, trusted) for other in others for trusted in trusts}
    assert len(states) == 1
    for other in others:
        write(idle_world.folder / "trusted-keys.json", Trust())
        async with proving(idle_world, other):
            assert (await idle_world.claim(claim), await idle_world.history(claim)) == as_it_was
            found = await idle_world.refused(claim, "approve", {"id": "m-9", "by": REVIEWER})
            assert found[0] == ("unsigned" if mode == "require" else "wrong_status")


@pytest.mark.thorough
async def test_a_key_is_rotated_while_fifty_claims_are_open(idle_world: World) -> None:
    async with proving(idle_world) as proven:
        claims = await asyncio.gather(*(proven.open() for _ in range(50)))
        newer = keys.new("reviewers-2")
        entry = {**keys.public(newer), **LIMITS["reviewers"]}
        # First the new one is trusted, then it signs, then the old one ends.
        await proven.write(trust(entry))
        await asyncio.gather(
            *(
                proven.tell(each, "reviewers", "start_review", id="m-1", by=REVIEWER)
                for each in claims
            )
        )
        over = {"valid_until": now().isoformat()}
        await proven.write(trust(entry, reviewers=over))

        async def approve(claim: Handle) -> None:
            late = signed(claim, "reviewers", "approve", id="m-2", by=REVIEWER)
            code, text = await idle_world.refused(claim, "approve", late)
            assert code == "unsigned"
            assert "key reviewers is trusted no more" in text
            good = Signer(newer).sign(claim.id, "approve", {"id": "m-2", "by": REVIEWER})
            await idle_world.tell(claim, "approve", **good)

        await asyncio.gather(*map(approve, claims))
        found = await asyncio.gather(*map(idle_world.history, claims))
    for history in found:
        signers = [each["signed_by"] for each in history if each["by"]["role"] == "reviewer"]
        assert signers == ["reviewers", "reviewers-2"]


async def test_a_key_is_revoked_and_removed_while_a_claim_is_open(idle_world: World) -> None:
    async with proving(idle_world) as proven:
        claim = await proven.open()
        sent = signed(claim, "reviewers", "approve", id="m-1", by=REVIEWER)
        await proven.write(trust(reviewers={"valid_until": now().isoformat()}))
        code, text = await idle_world.refused(claim, "approve", sent)
        assert (code, "trusted no more" in text) == ("unsigned", True)
        await proven.write(Trust())
        code, text = await idle_world.refused(claim, "approve", sent)
        assert (code, "not a trusted one" in text) == ("unsigned", True)
        await proven.write()
        await idle_world.tell(claim, "approve", **sent)


async def test_signed_signals_are_taken_in_the_order_in_which_they_came(
    idle_world: World,
) -> None:
    async with proving(idle_world) as proven:
        claim = await proven.open()
        await idle_world.until_claim(claim, waiting_for="reviewer")
    for number in range(10):
        text = f"number {number}"
        await claim.signal(
            "comment",
            signed(claim, "reviewers", "comment", id=f"m-{number}", by=REVIEWER, text=text),
        )
    await claim.signal("approve", signed(claim, "reviewers", "approve", id="m", by=REVIEWER))
    async with proving(idle_world) as proven:
        await idle_world.until_claim(claim, status="Approved")
        entries = await idle_world.history(claim)
    said = [each["text"] for each in entries if each["what"] == "comment"]
    assert [f"number {number}" in text for number, text in enumerate(said)] == [True] * 10


async def test_a_signed_answer_that_comes_together_with_the_end_of_its_time_is_in_time(
    idle_world: World,
) -> None:
    """No worker is there when the partner's time ends; the answer came before one is back."""
    world = idle_world
    async with proving(world) as proven:
        claim = await proven.open()
        ask = [{"reason": "missing_or_old_dates"}]
        await proven.tell(claim, "reviewers", "request_info", id="m-1", by=REVIEWER, requests=ask)
        known = await world.until_claim(claim, owed=[])
        end = at(known["deadline"])
        await world.pass_time(claim, end - await world.now(claim) - HOUR)
        await world.until_claim(claim, owed=[])
    fired = await timers_fired(claim)
    passing = asyncio.create_task(world.skipper.fast_forward(claim, 2 * HOUR))

    async def over() -> bool:
        return await timers_fired(claim) > fired

    await world.until(over)
    answer = signed(claim, "portal", "submit", lambda: end - HOUR, id="m-2", by=ADA)
    await claim.signal("submit", answer)
    async with proving(world):
        await world.until_claim(claim, status="Under review", owed=[])
        await passing


async def timers_fired(claim: Handle) -> int:
    events = (await claim.fetch_history()).events
    return sum(event.HasField("timer_fired_event_attributes") for event in events)


async def test_a_message_nested_as_deep_as_can_be_read_stops_no_claim(idle_world: World) -> None:
    """Whoever judges a signature is handed the message inside of something else."""
    async with proving(idle_world) as proven:
        claim = await proven.open()
        good = signed(claim, "reviewers", "comment", id="m-1", by=REVIEWER, text="Hm.")
        for depth in range(197, 202):
            for deep in ("[" * depth + "]" * depth, '{"a":' * depth + "0" + "}" * depth):
                whole = json.dumps({**good, "text": "?"}).replace('"?"', deep)
                await claim.signal("comment", json_of(whole.encode()))
        await proven.tell(claim, "reviewers", "start_review", id="m-2", by=REVIEWER)
        await idle_world.until_claim(claim, status="Under review", owed=[])


async def test_a_signature_that_cannot_be_judged_ends_no_claim(idle_world: World) -> None:
    """Neither is its message lost: it waits for a worker that can."""
    async with proving(idle_world) as proven:
        claim = await proven.open()
        await idle_world.until_claim(claim, waiting_for="reviewer", owed=[])

    @activity.defn(name=JUDGE_PROOF)
    async def unable(question: ProofQuestion) -> Verdict:
        raise ApplicationError("it is broken", non_retryable=True)

    known = proven.activities
    serving = [unable, *(each for each in known.all if each != known.proofs.judge_proof)]
    async with claims_worker(idle_world.client, serving, known.stamps, idle_world.task_queue):
        good = signed(claim, "reviewers", "start_review", id="m-1", by=REVIEWER)
        await claim.signal("start_review", good)

        async def tried() -> bool:
            events = (await claim.fetch_history()).events
            failures = [each.activity_task_failed_event_attributes.failure for each in events]
            return any(each.message == "it is broken" for each in failures)

        await idle_world.until(tried)
    async with proving(idle_world):
        await idle_world.pass_time(claim, timedelta(minutes=10))
        await idle_world.until_claim(claim, status="Under review")


async def test_an_operator_is_believed_with_the_reviewers_service(idle_world: World) -> None:
    async with proving(idle_world) as proven:
        claim = await proven.open()
        await proven.tell(claim, "reviewers", "assign", id="m-1", by=OPERATOR, reviewer="lee")
        assert (await idle_world.claim(claim))["reviewer"] == "lee"
