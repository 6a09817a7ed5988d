"""What partners and reviewers read of rejections and disputes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from tests.activities.facts import CLAIM, DISPUTE, MPN, SUBSCRIPTION, TENANT, notice
from tests.activities.reading import text_of, written


def test_a_rejection_that_may_be_disputed_says_how_and_until_when() -> None:
    until = {"at": "2026-12-26T10:00:00Z", "zone": "UTC", "amount": 30, "unit": "days"}
    told = notice("rejected", dispute_until=until)
    assert "can be disputed until Saturday 26 December" in written(told).subject
    text = text_of(told)
    assert "dispute the rejection by Saturday 26 December 2026, 10:00 UTC, 30 days from" in text
    assert "say why, or add proof, or both" in text
    assert "A second reviewer then decides" in text
    assert "You can dispute only once" in text


def test_a_rejection_that_cannot_be_disputed_leaves_only_a_new_claim() -> None:
    text = text_of(notice("rejected", dispute_until=None))
    assert "its rejection cannot be disputed" in text
    assert "open a new claim" in text


def test_a_comment_on_a_rejected_claim_is_no_dispute() -> None:
    text = text_of(notice("commented", "partner", status="Rejected"))
    assert "you can dispute the rejection until the end of Thursday 26 November" in text
    assert "A comment alone is no dispute." in text


def test_who_disputes_reads_who_decides_until_when_and_that_it_is_final() -> None:
    text = text_of(notice("disputed"))
    assert "A second reviewer now decides, who is not the one who decided before" in text
    assert "within 5 business days, by the end of Thursday 26 November 2026 (UTC)" in text
    assert "You don't have to do anything" in text
    assert "A lost dispute is final" in text
    assert "> Page 4 is signed." in written(notice("disputed")).text
    assert "2 more files of proof" in text
    assert "proof" not in text_of(notice("disputed", files=0))
    assert "should be made" not in text_of(notice("disputed", due=None))


def test_a_dispute_carries_its_six_facts_to_the_reviewers() -> None:
    told = notice("to_review", "reviewers", because="dispute", dispute=DISPUTE, changes=[])
    assert written(told).subject.startswith("Disputed, due Thursday 26 November")
    text = text_of(told)
    for fact in (
        f"MPN ID: {MPN}",
        "Program: Online Services Usage, Microsoft 365",
        f"Claim id: {CLAIM}",
        f"Products: Teams (workload); Business Central (subscription {SUBSCRIPTION})",
        f"Tenant id: {TENANT}",
        "Details, in the words of Fabrikam: > Page 2 names Teams.",
    ):
        assert fact in text
    assert (
        "Whoever rejected the claim, or asked last where no answer came, cannot: that was kim"
        in (text)
    )


def test_a_dispute_needs_no_facts_of_an_answer() -> None:
    told = notice("to_review", "reviewers", because="dispute", dispute=DISPUTE, changes=[])
    facts = {name: told.facts[name] for name in told.facts if name not in ("answer", "comment")}
    assert written(told.model_copy(update={"facts": facts})) == written(told)


def test_a_won_dispute_is_approved_and_not_paid() -> None:
    told = notice(
        "dispute_decided", outcome="approved", reasons=[], window={"amount": 7, "unit": "days"}
    )
    assert "Approved after your dispute" in written(told).subject
    text = text_of(told)
    assert "Approved is not paid" in text
    assert "may say no for 7 days. This time begins when our mail has arrived" in text


def test_a_lost_dispute_says_why_by_product_and_that_it_is_final() -> None:
    told = notice("dispute_decided")
    assert "this is final" in written(told).subject
    text = text_of(told)
    assert "Business Central (subscription" in text
    assert "The proof of execution does not name this product. “Page 2 names Finance.”" in text
    assert "This is final." in text
    assert "only open a new claim" in text


@pytest.mark.parametrize(
    "codes", [("dispute_lost",), ("no_partner_response", "dispute_lost"), ("no_partner_response",)]
)
def test_a_dispute_lost_for_want_of_an_answer_says_so_plainly(codes: tuple[str, ...]) -> None:
    lost = [ground(code) for code in codes]
    text = text_of(notice("dispute_decided", reasons=lost, note=None))
    assert "we asked you for more, and no answer came in time" in text
    assert "This is final." in text
    assert "reason" not in text


def test_a_dispute_lost_by_decision_was_not_lost_for_want_of_an_answer() -> None:
    lost = [ground("insufficient_poe"), ground("dispute_lost")]
    text = text_of(notice("dispute_decided", reasons=lost))
    assert "for this reason: - The proof of execution is not enough." in text
    assert "no answer" not in text


def ground(code: str) -> Mapping[str, Any]:
    return {"reason": code, "product": None, "subscription_id": None, "note": None}


def test_an_unanswered_question_loses_a_dispute() -> None:
    for told in (notice("info_requested", in_dispute=True), notice("reminder", in_dispute=True)):
        assert "Without an answer by then the dispute is lost" in text_of(told)


def test_an_overdue_dispute_waits_for_a_second_reviewer() -> None:
    text = text_of(notice("overdue", "lead", clock="dispute_answer", status="Disputed"))
    assert "The time limit to decide the dispute for claim" in text
    assert "waits for a second reviewer" in text
