"""What a claim owes the world: the hand-off, mails, sealed files, its own record."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from cpor.rules.agenda import Wake
from cpor.rules.effects.events import Event, EventResult
from cpor.rules.effects.record import Record, RecordResult
from cpor.rules.facts import FileState
from cpor.rules.lifecycle import Status
from tests.examples import PROOF, PROOF_SHA256, dynamics_opening, opening, proof
from tests.rules.play import (
    DAY,
    Play,
    approved,
    consent_running,
    draft,
    handed_off,
    kinds,
    lapsed,
    said,
    submitted,
    withdrawn,
)

SOW = proof()
ACK = proof(b"an acknowledgement", "ack.pdf")
REVENUE: dict[str, Any] = {
    "program": "osa-sell",
    "activity": "revenue-association",
    "products": [{"name": "Sales", "subscription_id": "0d3f7a52-6a4e-4a8e-9f52-1f0f3a5f7c01"}],
}


# The hand-off


def test_nothing_is_handed_off_before_the_window_is_over() -> None:
    play = consent_running()
    play.now += 7 * DAY - timedelta(seconds=1)
    play.tick()
    assert play.debts("hand_off") == []
    play.now += timedelta(seconds=1)
    play.tick()
    assert play.debt("hand_off").id == "CPOR-7Q2M4X.ready.1"


def test_the_hand_off_carries_what_was_claimed_and_when() -> None:
    play = lapsed()
    event = play.claim.begin(play.debt("hand_off"), "run-1")
    assert isinstance(event, Event)
    assert (event.type, event.subject) == ("cpor.claim.ready-for-eligibility", "CPOR-7Q2M4X")
    assert event.time == play.claim.state.official_since
    assert event.data["products"][0] == {"code": "teams", "name": "Teams", "subscription_id": None}
    assert event.data["evidence"] == [PROOF_SHA256]
    assert event.data["consent_lapsed_at"] == "2026-03-09T09:00:00Z"


def test_the_hand_off_counts_from_when_it_was_taken_and_the_partner_is_told() -> None:
    play = lapsed()
    assert play.claim.state.eligibility == "none"
    taken_at = play.now + timedelta(hours=3)
    play.answer(play.debt("hand_off"), EventResult(outcome="taken", at=taken_at))
    assert (play.claim.state.handed_off_at, play.claim.state.eligibility) == (taken_at, "sent")
    (mail,) = play.pay("handed_off")
    assert mail.facts["at"] == "2026-03-09T12:00:00Z"


def test_a_revenue_association_becomes_official_and_is_never_handed_off() -> None:
    play = Play(dynamics_opening(**REVENUE))
    play.tell("approve")
    play.pay()
    told = play.wait(until=play.now + 90 * DAY)
    assert kinds(told) == ["official → partner"]
    assert play.claim.state.handed_off_at is None
    play.refuses("wrong_status", "eligibility_result")


def test_a_result_before_the_hand_off_is_on_its_way_is_refused() -> None:
    approved().refuses("wrong_status", "eligibility_result")


def test_a_result_may_be_quicker_than_the_receipt_of_the_hand_off() -> None:
    play = lapsed()
    play.claim.begin(play.debt("hand_off"), "run-1")
    play.tell("eligibility_result", outcome="eligible")
    assert (play.claim.state.eligibility, play.claim.state.handed_off_at) == ("eligible", play.now)
    assert play.debts("hand_off") == [], "it arrived, so it is not sent again"
    assert kinds(play.pay())[:2] == ["eligibility → partner", "handed_off → partner"]


def test_a_second_result_takes_the_place_of_the_first() -> None:
    play = handed_off()
    for outcome in ("eligible", "not_eligible"):
        play.tell("eligibility_result", outcome=outcome)
        (mail,) = play.pay()
        assert mail.facts["outcome"] == play.claim.state.eligibility == outcome


def test_a_hand_off_that_was_refused_waits_for_an_operator_under_the_same_id() -> None:
    play = lapsed()
    play.pay(refused=["hand_off"])
    debt = play.debt("hand_off")
    assert (debt.state, play.claim.state.owes_late) == ("parked", True)
    play.wait(until=play.now + 90 * DAY)
    assert play.debt("hand_off").state == "parked"
    assert play.tell("retry").text == "Tried again: hand-off → incentive engine."
    assert play.debt("hand_off").id == debt.id
    play.pay()
    assert play.claim.state.eligibility == "sent"


def test_an_approved_claim_lives_on_after_its_hand_off() -> None:
    play = handed_off()
    play.tell("add_evidence")
    play.tell("comment")
    play.pay()
    assert not play.claim.state.is_over
    assert (play.claim.state.debts, play.claim.next_wake()) == ([], None)


# Debts


def test_every_notice_has_an_id_of_claim_kind_round_and_recipient() -> None:
    play = submitted()
    for round_ in (1, 2):
        play.tell("comment")
        assert play.debt("commented").id == f"CPOR-7Q2M4X.commented.{round_}.reviewers"
        play.pay()


def test_a_debt_that_is_late_is_still_owed_and_shown() -> None:
    play = Play()
    debt = play.debt("submitted")
    play.claim.late(debt.id, "connection refused", play.now)
    assert (play.debt("submitted").state, play.claim.state.owes_late) == ("late", True)
    play.pay()
    assert not play.claim.state.owes_late


def test_who_asks_for_a_pause_is_asked_again_after_it_and_not_before() -> None:
    play = lapsed()
    play.pay("official")
    play.claim.begin(play.debt("hand_off"), "run-1")
    until = play.now + timedelta(minutes=40)
    play.claim.late(play.debt("hand_off").id, "429", play.now, timedelta(minutes=40))
    assert (play.claim.state.owes_late, play.claim.state.payable) == (True, [])
    assert play.claim.next_wake() == Wake(until, "hand-off → incentive engine is tried again")
    play.now = until - timedelta(seconds=1)
    play.tick()
    assert play.claim.state.payable == []
    play.now = until
    play.tick()
    assert [debt.kind for debt in play.claim.state.payable] == ["hand_off"]
    assert play.claim.next_wake() is None


def test_an_operator_may_end_a_pause() -> None:
    play = submitted()
    play.tell("comment")
    play.claim.late(play.debt("commented").id, "421", play.now, 2 * DAY)
    assert play.tell("retry").text == "Tried again: mail: commented → reviewers."
    assert kinds(play.pay()) == ["commented → reviewers"]


def test_a_debt_paid_twice_counts_once() -> None:
    play = lapsed()
    debt = play.debt("hand_off")
    taken = EventResult(outcome="taken", at=play.now)
    play.answer(debt, taken)
    before = play.claim.state.model_dump_json()
    play.answer(debt, taken)
    play.park(debt)
    assert play.claim.state.model_dump_json() == before


def test_a_mail_tells_the_same_at_each_try_but_goes_to_the_corrected_address() -> None:
    play = submitted()
    play.tell("request_info")
    debt = play.debt("info_requested")
    first = play.claim.begin(debt, "run-1").model_dump(mode="json")
    contact = {"name": "Bo Berg", "email": "bo@fabrikam.example"}
    play.tell("edit", changes={"partner_contact": contact, "products": [{"name": "Teams"}]})
    again = play.claim.begin(play.debt("info_requested"), "run-1").model_dump(mode="json")
    assert again["to"]["email"] == "bo@fabrikam.example"
    assert again["facts"] == first["facts"]
    assert again["notice_id"] == first["notice_id"]


def test_reviewers_are_told_when_the_partners_address_refuses_a_notice() -> None:
    play = submitted()
    play.tell("request_info")
    told = play.pay(refused=["partner"])
    assert kinds(told) == ["info_requested → partner", "unreached → reviewers"]
    assert play.debt("info_requested").state == "parked"


def test_retry_with_nothing_parked_says_so() -> None:
    assert submitted().tell("retry").text == "Nothing is parked."


# The end


def test_a_withdrawal_ends_the_claim_once_everything_is_paid_and_the_record_is_kept_last() -> None:
    play = withdrawn()
    assert not play.claim.state.is_over
    play.pay("withdrawn")
    assert [debt.kind for debt in play.claim.state.debts] == ["record"]
    play.pay()
    assert play.claim.state.is_over
    assert play.claim.next_wake() is None


def test_the_record_covers_the_last_entry() -> None:
    play = withdrawn()
    play.pay("withdrawn")
    play.claim.begin(play.debt("record"), "run-1")
    play.hear("comment", said("comment"))
    play.pay()
    assert play.claim.state.is_over
    record = play.paid[-1]
    assert isinstance(record, Record)
    assert record.run == "run-1"
    assert record.record["history"][-1]["what"] == "refused"
    assert len(record.record["history"]) == len(play.claim.state.history)
    assert record.record["receipts"][-1]["outcome"] == "refused"
    assert record.record["notices"].keys() >= {"CPOR-7Q2M4X.withdrawn.1.reviewers"}


def test_whatever_is_written_down_at_the_end_is_recorded_too() -> None:
    play = withdrawn()
    play.pay()
    assert play.claim.state.is_over
    play.claim.cancellation_asked(play.now)
    play.hear("comment", said("comment"))
    play.pay()
    assert play.claim.state.is_over


def test_a_mail_parked_for_30_days_holds_an_ended_claim_open_no_longer() -> None:
    play = withdrawn()
    play.pay(refused=["reviewers"])
    assert not play.claim.state.is_over
    wake = play.claim.next_wake()
    assert wake is not None
    assert wake.label == "mail: withdrawn → reviewers is given up"
    play.wait(until=play.now + 30 * DAY)
    assert play.claim.state.is_over
    assert len(play.entries("given_up")) == 1


def test_a_mail_parked_at_the_end_can_be_tried_again() -> None:
    play = withdrawn()
    play.pay(refused=["reviewers"])
    play.now += 29 * DAY
    play.tell("retry")
    assert kinds(play.pay()) == ["withdrawn → reviewers"]
    assert play.claim.state.is_over
    assert play.entries("given_up") == []


def test_a_record_that_could_not_be_kept_holds_the_claim_open_until_it_is() -> None:
    play = withdrawn()
    play.pay(refused=["record"])
    assert play.debt("record").state == "parked"
    play.wait(until=play.now + 90 * DAY)
    assert not play.claim.state.is_over
    play.tell("retry")
    play.pay()
    assert play.claim.state.is_over


def test_a_record_covers_what_was_said_while_it_was_kept() -> None:
    play = withdrawn()
    play.pay("withdrawn")
    debt = play.debt("record")
    play.tell("retry")
    play.answer(debt, RecordResult(outcome="kept", at=play.now))
    assert play.debt("record").id == "CPOR-7Q2M4X.record.2"


def test_proof_that_cannot_be_sealed_holds_an_ended_claim_open_for_30_days_and_no_longer() -> None:
    play = Play()
    play.park(play.debt("seal"), "the store knows no such folder")
    play.tell("withdraw")
    play.pay()
    until = play.now + 30 * DAY
    assert play.claim.next_wake() == Wake(until, "proof files: check and seal is given up")
    play.wait(until=until)
    assert play.claim.state.is_over
    (entry,) = play.entries("given_up")
    assert entry.text.endswith("is given up: the store knows no such folder")


# Proof files


def test_files_are_sealed_once_each() -> None:
    play = draft(evidence=[SOW])
    assert play.debt("seal").facts.files == [SOW["sha256"]]
    play.tell("add_evidence", evidence=[SOW, ACK])
    assert [debt.facts.files for debt in play.debts("seal")] == [
        [SOW["sha256"]],
        [ACK["sha256"]],
    ]
    play.sealed()
    assert [file.state for file in play.claim.state.evidence] == ["sealed", "sealed"]


@pytest.mark.parametrize("state", ["missing", "changed"])
def test_a_file_that_is_not_as_it_was_named_is_told_to_both_sides(state: FileState) -> None:
    play = Play()
    play.sealed(sow=state)
    told = play.pay("evidence_problem")
    assert kinds(told) == ["evidence_problem → partner", "evidence_problem → reviewers"]
    assert told[0].facts["files"] == [{"name": "sow.pdf", "state": state}]


@pytest.mark.parametrize(
    ("said", "can_add"),
    [
        ([], "now"),
        (["start_review"], "when asked"),
        (["request_info"], "now"),
        (["reject"], "by dispute"),
        (["reject", "dispute"], "when asked"),
        (["withdraw"], "never"),
    ],
)
def test_who_is_told_of_an_unusable_file_reads_how_files_can_be_added_now(
    said: list[str], can_add: str
) -> None:
    play = Play()
    for name in said:
        play.tell(name)
    play.sealed(sow="missing")
    for mail in play.pay("evidence_problem"):
        assert mail.facts["can_add"] == can_add
        assert mail.facts["can_be_approved"] == (can_add in ("now", "when asked"))


def test_reviewers_read_that_nothing_is_left_of_what_an_approval_rests_on() -> None:
    play = Play(opening(evidence=[SOW]))
    play.sealed()
    play.tell("approve")
    play.tell("add_evidence", evidence=[ACK])
    play.tell("withdraw_evidence", evidence=[SOW["sha256"]])
    play.sealed(ack="missing")
    told = play.pay("evidence_problem")
    facts = [(mail.facts["in_doubt"], mail.facts["can_be_approved"]) for mail in told]
    assert facts == [(True, False), (True, False)]


def test_a_claim_without_one_file_that_is_there_cannot_be_approved() -> None:
    play = Play(opening(evidence=[SOW, ACK]))
    play.sealed(sow="missing", ack="changed")
    refused = play.refuses("nothing_to_review", "approve")
    assert refused.text.startswith("no proof file is there: all are missing, were changed or")
    assert play.tell("reject").outcome == "accepted"


def test_one_file_that_is_there_is_enough() -> None:
    play = Play(opening(evidence=[SOW, ACK]))
    play.sealed(sow="missing")
    assert play.tell("approve").outcome == "accepted"


def test_sending_a_missing_file_again_repairs_it() -> None:
    play = Play(opening(evidence=[SOW, ACK]))
    play.sealed(sow="missing", ack="missing")
    play.tell("add_evidence", evidence=[SOW])
    assert [(file.name, file.state) for file in play.claim.state.evidence] == [
        ("sow.pdf", "received"),
        ("ack.pdf", "missing"),
    ]
    play.sealed()
    assert play.claim.state.evidence[0].state == "sealed"
    assert play.tell("approve").outcome == "accepted"


def test_a_claim_without_evidence_cannot_be_submitted() -> None:
    play = draft(evidence=[])
    refused = play.refuses("nothing_to_review", "submit")
    assert refused.text == "at least one proof file is needed to submit"
    play.tell("add_evidence", evidence=[SOW])
    assert play.tell("submit").status is Status.SUBMITTED


def test_a_claim_has_at_most_20_files() -> None:
    play = submitted()
    files = [proof(PROOF + bytes([number]), f"{number}.pdf") for number in range(20)]
    refused = play.refuses("too_much", "add_evidence", evidence=files)
    assert refused.text == (
        "at most 20 files a claim, withdrawn ones too; this would make 21, so send fewer"
    )
    play.tell("add_evidence", evidence=[SOW, *files[:19]])
    assert len(play.claim.state.evidence) == 20
