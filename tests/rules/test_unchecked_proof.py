"""An approval before the proof was checked: taken, and nobody is told before the store has looked.

A store that is down keeps no reviewer from deciding, and lets nothing out that was not checked.
"""

from __future__ import annotations

from cpor.rules import views
from cpor.rules.lifecycle import Status
from tests.examples import opening
from tests.rules.play import DAY, SECOND, Play, asked, disputed, kinds, under_review

FRESH = [{"sha256": "c" * 64, "name": "late.pdf", "media_type": "application/pdf", "size": 9}]


def unchecked() -> Play:
    """Approved, while the store has not looked yet."""
    play = Play(opening())
    play.pay("submitted", "to_review", "directory")
    assert play.tell("approve").status is Status.APPROVED
    assert views.view(play.claim.state).proof_unchecked
    return play


def test_nobody_is_told_of_an_approval_before_the_proof_was_checked() -> None:
    play = unchecked()
    assert play.claim.state.status is Status.APPROVED
    assert [debt.kind for debt in play.claim.state.payable] == ["seal"]
    play.sealed()
    assert kinds(play.pay()) == ["approved → partner", "consent → contact"]


def test_proof_that_is_not_there_brings_the_claim_back_to_the_reviewer() -> None:
    play = unchecked()
    play.sealed(sow="missing")
    assert (play.claim.state.status, play.claim.state.consent) == (Status.UNDER_REVIEW, "none")
    assert play.claim.state.approved_at is None
    told = play.pay()
    assert kinds(told) == ["evidence_problem → partner", "evidence_problem → reviewers"]
    for mail in told:
        assert mail.facts["taken_back"]
        assert (mail.facts["can_add"], mail.facts["can_be_approved"]) == ("when asked", True)
    assert play.clock("review").state == "running"
    play.refuses("nothing_to_review", "approve")


def test_a_store_that_is_down_for_days_locks_no_reviewer_out_and_lets_nothing_out() -> None:
    play = unchecked()
    seal = play.debt("seal")
    play.claim.begin(seal, "run-1")
    play.claim.late(seal.id, "the store is down", play.now)
    play.now += 5 * DAY
    play.tick()
    assert [debt.kind for debt in play.claim.state.payable] == ["seal"]
    play.sealed()
    assert "consent → contact" in kinds(play.pay())


def test_so_an_approval_out_of_a_dispute_is_disputed_again_and_the_second_reviewer_decides() -> (
    None
):
    play = disputed_with_new_proof()
    play.tell("approve", by=SECOND)
    play.sealed(late="changed")
    assert (play.claim.state.status, play.claim.state.in_dispute) == (Status.DISPUTED, True)
    play.refuses("same_reviewer", "approve")
    assert kinds(play.pay()) == ["evidence_problem → partner", "evidence_problem → reviewers"]
    play.tell("approve", by=SECOND)
    assert "dispute_decided → partner" in kinds(play.pay())


def disputed_with_new_proof() -> Play:
    play = under_review()
    play.tell("reject")
    play.tell("dispute", evidence=FRESH)
    play.pay("disputed", "to_review", "rejected")
    return play


def test_a_withdrawal_meanwhile_takes_the_mails_of_the_approval_back() -> None:
    play = unchecked()
    play.tell("withdraw")
    play.sealed()
    assert "approved → partner" not in kinds(play.pay())


def test_proof_added_after_the_customer_was_asked_brings_nothing_back() -> None:
    play = under_review()
    play.tell("approve")
    play.pay()
    play.tell("add_evidence", evidence=FRESH)
    play.sealed(late="missing")
    assert play.claim.state.status is Status.APPROVED


def test_a_dispute_that_adds_nothing_unchecked_is_decided_at_once() -> None:
    play = disputed()
    play.tell("approve", by=SECOND)
    assert "consent → contact" in kinds(play.pay())


def test_who_withdraws_the_file_that_was_not_checked_is_not_kept_waiting() -> None:
    play = asked()
    play.tell("add_evidence", evidence=FRESH)
    play.tell("submit")
    play.pay("submitted", "to_review", "directory")
    play.tell("approve")
    assert play.claim.state.proof_unchecked
    play.tell("withdraw_evidence", evidence=[FRESH[0]["sha256"]])
    assert not play.claim.state.proof_unchecked
    assert "consent → contact" in kinds(play.pay("consent", "approved"))
