"""The life of a claim on a real engine, from submission to hand-off or rejection."""

from __future__ import annotations

import json
from datetime import timedelta

from tests.examples import CUSTOMER, PARTNER, REVIEWER, SYSTEM, dynamics_opening, proof
from tests.workflows.world import DAY, World, at

ASK = {"requests": [{"reason": "missing_or_old_dates", "note": "Which year is this?"}]}


async def test_a_claim_nobody_objects_to_is_handed_off(world: World) -> None:
    claim = await world.open()
    await world.tell(claim, "start_review", by=REVIEWER)
    await world.tell(claim, "approve", by=REVIEWER)
    await world.until_claim(claim, consent="pending", owed=[])
    await world.pass_time(claim, 8 * DAY)
    known = await world.until_claim(claim, consent="lapsed", eligibility="sent", owed=[])
    assert (known["status"], known["waiting_for"]) == ("Approved", "nobody")
    assert at(known["official_since"]) - at(known["notice_accepted_at"]) == 7 * DAY
    (event,) = world.outbox.iterdir()
    handed_off = json.loads(event.read_text())
    assert handed_off["id"] == f"{claim.id}.ready.1"
    assert handed_off["data"]["consent_lapsed_at"] == known["official_since"]
    assert world.kinds(claim) == [
        "approved", "consent", "handed_off", "official", "submitted", "to_review",
    ]  # fmt: skip


async def test_a_handed_off_claim_stays_open_and_hears_how_it_was_judged(world: World) -> None:
    claim = await world.open()
    await world.tell(claim, "approve", by=REVIEWER)
    await world.until_claim(claim, consent="pending", owed=[])
    early = await world.refused(claim, "eligibility_result", {"by": SYSTEM, "outcome": "eligible"})
    assert early[0] == "wrong_status"
    await world.pass_time(claim, 8 * DAY)
    await world.until_claim(claim, eligibility="sent", owed=[])
    await world.tell(claim, "eligibility_result", by=SYSTEM, outcome="eligible")
    await world.until_claim(claim, eligibility="eligible", owed=[])
    assert "eligibility" in world.kinds(claim)


async def test_a_partner_who_answers_gets_another_look(world: World) -> None:
    claim = await world.open()
    await world.tell(claim, "request_info", by=REVIEWER, **ASK)
    asked = await world.claim(claim)
    assert asked["status"] == "Partner action required"
    assert asked["requests"][0]["note"] == "Which year is this?"
    await world.pass_time(claim, 2 * DAY)
    more = b"the page with the signatures"
    world.keep_proof(claim.id, more)
    await world.tell(claim, "add_evidence", by=PARTNER, evidence=[proof(more, "signed.pdf")])
    await world.tell(claim, "submit", by=PARTNER, comment="Here it is.")
    answered = await world.until_claim(claim, status="Under review", owed=[])
    assert [file["state"] for file in answered["evidence"]] == ["sealed", "sealed"]
    (_, to_review) = world.mails(claim, "to_review")
    body = to_review.get_body()
    assert body is not None
    assert "signed.pdf" in body.get_content()
    await world.tell(claim, "approve", by=REVIEWER)
    await world.until_claim(claim, consent="pending", owed=[])


async def test_a_partner_who_never_answers_is_rejected_after_five_business_days(
    world: World,
) -> None:
    claim = await world.open()
    await world.tell(claim, "request_info", by=REVIEWER, **ASK)
    due = at((await world.until_claim(claim, owed=[]))["deadline"])
    result = await world.until_over(claim)
    assert result["status"] == "Rejected"
    assert [reason["reason"] for reason in result["reasons"]] == ["no_partner_response"]
    # It could be disputed for 30 days; nobody did.
    assert timedelta() <= at(result["ended_at"]) - due - 30 * DAY < timedelta(minutes=10)
    assert world.kinds(claim) == [
        "info_requested", "rejected", "reminder", "reminder", "submitted", "to_review",
    ]  # fmt: skip


async def test_a_customer_who_says_no_is_not_bound(world: World) -> None:
    claim = await world.open()
    await world.tell(claim, "approve", by=REVIEWER)
    await world.until_claim(claim, consent="pending", owed=[])
    await world.pass_time(claim, 6 * DAY)
    await world.tell(claim, "decline", by=CUSTOMER, note="We did this ourselves.")
    result = await world.until_over(claim)
    assert (result["status"], result["consent"]) == ("Rejected", "declined")
    assert not world.outbox.exists() or not list(world.outbox.iterdir())
    assert world.kinds(claim).count("declined") == 3


async def test_both_contacts_of_a_dynamics_claim_are_told(world: World) -> None:
    claim_id = world.new_id()
    world.keep_proof(claim_id)
    claim = await world.start(claim_id, dynamics_opening(claim_id))
    await world.tell(claim, "approve", by=REVIEWER)
    await world.until_claim(claim, consent="pending", owed=[])
    told = {str(mail["To"]) for mail in world.mails(claim, "consent")}
    assert told == {"Lars Ek <lars@contoso.example>", "Tove Lind <tove@contoso.example>"}


async def test_recognition_is_official_and_never_handed_off(world: World) -> None:
    claim_id = world.new_id()
    world.keep_proof(claim_id)
    recognition = dynamics_opening(claim_id, program="osa-sell", activity="revenue-association")
    claim = await world.start(claim_id, recognition)
    await world.tell(claim, "approve", by=REVIEWER)
    await world.until_claim(claim, consent="pending", owed=[])
    await world.pass_time(claim, 8 * DAY)
    known = await world.until_claim(claim, consent="lapsed", owed=[])
    assert known["eligibility"] == "none"


async def test_a_draft_waits_for_its_partner_without_a_clock(world: World) -> None:
    claim = await world.open(submit=False)
    await world.pass_time(claim, 400 * DAY)
    draft = await world.claim(claim)
    assert (draft["status"], draft["deadline"], draft["edition"]) == ("Editing", None, None)
    await world.tell(claim, "submit", by=PARTNER)
    submitted = await world.until_claim(claim, edition="2020")
    assert submitted["status"] == "Submitted"


async def test_the_lead_hears_once_of_a_claim_nobody_starts(world: World) -> None:
    claim = await world.open()
    due = at((await world.until_claim(claim, owed=[]))["deadline"])
    await world.pass_time(claim, due - await world.now(claim) + timedelta(hours=1))
    known = await world.until_claim(claim, overdue=True, owed=[])
    assert known["status"] == "Submitted"
    assert world.kinds(claim).count("overdue") == 1


async def test_a_withdrawn_claim_leaves_its_whole_record_in_the_store(world: World) -> None:
    claim = await world.open()
    await world.tell(claim, "comment", by=PARTNER, text="Sorry, the wrong location.")
    await world.tell(claim, "withdraw", by=PARTNER, reason="wrong_mpn")
    result = await world.until_over(claim)
    record = json.loads((world.folder / f"store/records/{claim.id}/record.json").read_text())
    assert {name: record[name] for name in result} == result
    assert record["history"][-1]["what"] == "withdraw"
    assert [receipt["outcome"] for receipt in record["receipts"]] == ["accepted", "accepted"]
    assert record["notices"].keys() >= {f"{claim.id}.submitted.1.partner"}
