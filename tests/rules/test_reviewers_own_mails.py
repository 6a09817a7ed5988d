"""Reviewers' mails go to their queue; whoever has the claim gets one of their own beside it."""

from __future__ import annotations

import pytest

from cpor.rules.effects.notice import NoticeResult
from tests.rules.play import Play, approved, asked, kinds, under_review

AND_ANSWERED = ["to_review → reviewer", "to_review → reviewers"]


def with_addresses(play: Play) -> Play:
    """The settings know an address of some reviewer."""
    play.claim.state.reviewers_have_addresses = True
    return play


def test_whoever_has_the_claim_is_told_beside_the_queue() -> None:
    play = with_addresses(asked())
    play.tell("submit")
    told = play.pay()
    assert kinds(told) == AND_ANSWERED
    assert {mail.recipient: mail.reviewer for mail in told} == {
        "reviewers": None,
        "reviewer": play.claim.state.reviewer,
    }
    assert [mail.notice_id for mail in told if mail.recipient == "reviewer"] == [
        "CPOR-7Q2M4X.to_review.1.reviewer"
    ]


def test_both_read_the_same() -> None:
    play = with_addresses(asked())
    play.tell("submit")
    queue, own = play.pay()
    assert queue.facts == own.facts


def test_where_no_reviewer_has_an_address_only_the_queue_is_told() -> None:
    play = asked()
    play.tell("submit")
    assert kinds(play.pay()) == ["to_review → reviewers"]


def test_as_long_as_nobody_has_the_claim_only_the_queue_is_told() -> None:
    play = Play()
    with_addresses(play).claim.state.debts = []
    play.tell("comment")
    assert kinds(play.pay()) == ["commented → reviewers"]


def test_a_dispute_is_not_told_to_whoever_decided_before() -> None:
    play = with_addresses(under_review())
    play.tell("reject")
    play.pay()
    play.tell("dispute")
    assert "to_review → reviewer" not in kinds(play.pay())


def test_a_mail_that_waits_goes_to_whoever_has_the_claim_by_then() -> None:
    play = with_addresses(asked())
    play.tell("submit")
    play.tell("assign")
    (own,) = [mail for mail in play.pay("to_review") if mail.recipient == "reviewer"]
    assert own.reviewer == "lee"


def test_who_has_no_address_is_owed_nothing() -> None:
    play = with_addresses(asked())
    play.tell("submit")
    play.answer(
        play.debt("to_review", "reviewer"), NoticeResult(outcome="unaddressed", at=play.now)
    )
    assert play.debts("to_review", "reviewer") == []
    assert play.debts("to_review", "reviewers") != []


def test_an_address_that_is_refused_is_a_debt_of_its_own() -> None:
    play = with_addresses(asked())
    play.tell("submit")
    play.pay(refused=["reviewer"])
    (debt,) = play.claim.state.debts
    assert (debt.label, debt.state) == ("mail: to review → reviewer", "parked")


@pytest.mark.parametrize("recipient", ["reviewer", "reviewers"])
def test_their_own_mail_that_comes_back_is_written_down_and_they_do_not_hear_of_it(
    recipient: str,
) -> None:
    play = with_addresses(asked())
    play.tell("submit")
    play.pay()
    latest = play.claim.state.rounds[f"to_review.{recipient}"]
    play.tell("bounced", notice_id=f"CPOR-7Q2M4X.to_review.{latest}.{recipient}", detail="550")
    assert (play.last.what, play.claim.state.debts) == ("bounced", [])


def test_a_customer_who_cannot_be_reached_is_told_to_both() -> None:
    play = with_addresses(approved())
    told = kinds(play.pay(refused=["contact"]))
    assert [each for each in told if each.startswith("undeliverable")] == [
        "undeliverable → partner",
        "undeliverable → reviewer",
        "undeliverable → reviewers",
    ]


def test_so_it_is_with_a_partner_who_cannot_be_reached() -> None:
    play = with_addresses(under_review())
    play.tell("request_info")
    told = kinds(play.pay(refused=["partner"]))
    assert [each for each in told if each.startswith("unreached")] == [
        "unreached → reviewer",
        "unreached → reviewers",
    ]
