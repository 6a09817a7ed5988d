"""Who sees what: reviewers' own words stay theirs, and customers see only what concerns them."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cpor.rules import views
from cpor.rules.effects.directory import DirectoryResult
from cpor.rules.effects.notice import Notice
from cpor.rules.history import Sight
from tests.examples import CUSTOMER, PARTNER, REVIEWER
from tests.rules.play import (
    DAY,
    NO,
    Play,
    approved,
    asked,
    consent_running,
    disputed,
    handed_off,
    held,
    kinds,
    lost,
    rejected,
    said,
    submitted,
    under_review,
)

SECRET = "I would not trust page 3."
SIDES: tuple[Sight, ...] = ("partner", "reviewer", "customer")
ABOUT_THE_CUSTOMER = {
    "approve", "notice_accepted", "official", "decline", "disassociate", "withdraw"
}  # fmt: skip


def seen(play: Play, side: Sight) -> list[views.EntryView]:
    return views.history(play.claim.state, [{"side": side, "limit": 1000}])


def whats(play: Play, side: Sight) -> list[str]:
    return [entry.what for entry in seen(play, side)]


def read_by(play: Play, side: Sight) -> str:
    """All that this side can read in the history."""
    return "\n".join(entry.model_dump_json() for entry in seen(play, side))


def mails(play: Play, *recipients: str) -> str:
    """All that was sent to these."""
    return "\n".join(
        paid.model_dump_json()
        for paid in play.paid
        if isinstance(paid, Notice) and paid.recipient in recipients
    )


# Between reviewers


def test_an_internal_comment_is_for_reviewers_and_nobody_is_told() -> None:
    play = under_review()
    play.tell("comment", by=REVIEWER, text=SECRET, internal=True)
    assert [SECRET in read_by(play, side) for side in SIDES] == [False, True, False]
    assert play.pay() == []


def test_another_comment_of_theirs_is_for_the_partner_too() -> None:
    play = under_review()
    play.tell("comment", by=REVIEWER, text="Which page?", internal=False)
    assert ["Which page?" in read_by(play, side) for side in SIDES] == [True, True, False]
    assert kinds(play.pay()) == ["commented → partner"]


def test_only_reviewers_have_something_between_them() -> None:
    play = under_review()
    play.refuses("invalid", "comment", text="Between us.", internal=True)


@pytest.mark.parametrize("so_far", [submitted, under_review, disputed])
def test_the_note_of_an_approval_is_for_reviewers(so_far: Callable[[], Play]) -> None:
    play = so_far()
    play.tell("approve", by={"role": "reviewer", "id": "lee"}, note=SECRET)
    play.wait(until=play.now + 8 * DAY)
    play.pay()
    assert [SECRET in read_by(play, side) for side in SIDES] == [False, True, False]
    assert SECRET not in mails(play, "partner", "contact")


def test_the_note_of_a_rejection_is_for_the_partner_too() -> None:
    play = under_review()
    play.tell("reject", reasons=[{"reason": "insufficient_poe"}], note="Sign page 3.")
    play.pay()
    assert ["Sign page 3." in read_by(play, side) for side in SIDES] == [True, True, False]
    assert "Sign page 3." in mails(play, "partner")


def test_the_note_of_a_question_is_for_the_partner_too() -> None:
    play = under_review()
    play.tell("request_info", requests=[{"reason": "other", "note": "Which page?"}])
    play.pay()
    assert ["Which page?" in read_by(play, side) for side in SIDES] == [True, True, False]
    assert "Which page?" in mails(play, "partner")


def test_a_second_try_of_a_mail_is_the_operators_and_reviewers_business() -> None:
    play = held()
    play.tell("retry")
    assert ["retry" in whats(play, side) for side in SIDES] == [False, True, False]


# Refused signals


@pytest.mark.parametrize("by", [PARTNER, REVIEWER, CUSTOMER])
def test_a_refused_signal_is_shown_to_reviewers_only(by: dict[str, str]) -> None:
    play = under_review()
    assert play.hear("disassociate", said("disassociate", by)).outcome == "refused"
    play.hear("decline", said("decline", by))
    assert [whats(play, side).count("refused") for side in SIDES] == [0, 2, 0]


def test_so_it_is_with_the_engines_own_cancel_button() -> None:
    play = under_review()
    play.claim.cancellation_asked(play.now)
    assert ["refused" in whats(play, side) for side in SIDES] == [False, True, False]


# The customer


@pytest.mark.parametrize("so_far", [submitted, under_review, asked, rejected, disputed, lost])
def test_before_an_approval_nothing_concerns_the_customer(so_far: Callable[[], Play]) -> None:
    assert seen(so_far(), "customer") == []


def test_a_customer_sees_what_became_of_the_association_and_nothing_else() -> None:
    play = asked()
    play.tell("edit")
    play.tell("add_evidence")
    play.tell("comment")
    play.tell("submit")
    play.tell("assign", reviewer="mo")
    play.tell("approve")
    play.pay()
    play.wait(until=play.now + 8 * DAY)
    play.tell("eligibility_result", outcome="eligible")
    play.tell("disassociate")
    play.pay()
    assert whats(play, "customer") == ["approve", "notice_accepted", "official", "disassociate"]


def test_a_customer_sees_the_own_no() -> None:
    play = consent_running()
    play.tell("decline", note="We work with somebody else.")
    assert whats(play, "customer") == ["approve", "notice_accepted", "decline"]


def test_a_customer_who_was_asked_sees_that_the_claim_was_withdrawn() -> None:
    play = consent_running()
    play.tell("withdraw")
    assert "withdraw" in whats(play, "customer")


def test_a_withdrawal_before_anybody_was_asked_is_no_concern_of_the_customer() -> None:
    play = under_review()
    play.tell("withdraw")
    play.pay()
    assert (seen(play, "customer"), mails(play, "contact")) == ([], "")


def test_nor_is_it_when_the_notice_was_owed_but_never_went_out() -> None:
    play = approved()
    play.tell("withdraw")
    assert kinds(play.pay()) == ["withdrawn → partner", "withdrawn → reviewers"]
    assert "withdraw" not in whats(play, "customer")


def test_whatever_happens_a_customer_sees_no_other_kind_of_entry() -> None:
    for play in (held(), handed_off(edition="2023"), consent_running()):
        play.hear("withdraw", said("withdraw"))
        play.hear("decline", said("decline"))
        assert set(whats(play, "customer")) <= ABOUT_THE_CUSTOMER


# Addresses, and the vendor's directory


def test_what_a_mail_server_said_is_kept_without_the_customers_address() -> None:
    play = consent_running()
    detail = "550 <lars@contoso.example> unknown"
    play.tell("bounced", notice_id="CPOR-7Q2M4X.consent.1.contact", detail=detail)
    play.pay()
    for side in SIDES:
        assert "lars@" not in read_by(play, side)
    assert "lars@" not in mails(play, "partner", "reviewers")


def test_what_the_directory_said_is_for_partner_and_reviewers() -> None:
    play = Play(directory=True)
    result = DirectoryResult(outcome="refused", at=play.now, problems=[NO])
    play.answer(play.debt("directory"), result)
    assert [NO in read_by(play, side) for side in SIDES] == [True, True, False]


def test_who_may_not_decide_a_dispute_is_told_to_reviewers_not_by_mail_to_the_partner() -> None:
    play = disputed()
    assert "not_by" in mails(play, "reviewers")
    assert "not_by" not in mails(play, "partner")
