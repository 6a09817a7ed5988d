"""A mail that was taken may come back; what that means hangs on which one it was, and when."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cpor.rules.lifecycle import Status
from tests.examples import SYSTEM
from tests.rules.play import (
    DAY,
    DIGEST,
    TOKEN,
    Play,
    approved,
    asked,
    consent_running,
    fields_of,
    handed_off,
    kinds,
    lapsed,
    said,
    withdrawn,
)
from tests.rules.returned import FIRST, SECOND, bounce, bounced

WEEK = 7 * DAY
CONTACT = {"name": "Liv Ek", "email": "liv@contoso.example"}
REPORT: dict[str, Any] = {
    "notice_id": "CPOR-7Q2M4X.consent.1.contact",
    "token": TOKEN,
    "detail": "550 no such mailbox",
}


def _with(token: str) -> dict[str, Any]:
    return {**REPORT, "token": token}


def unmoved(play: Play) -> object:
    """What a bounce that means nothing leaves alone."""
    claim = play.claim
    return (
        claim.state.status,
        claim.state.consent,
        claim.state.clocks,
        claim.state.debts,
        claim.state.asked,
        claim.state.escalate_at,
    )


# One contact


def test_a_notice_that_comes_back_holds_the_window_and_partner_and_reviewers_are_told() -> None:
    play = consent_running()
    play.now += 3 * DAY
    bounce(play)
    assert (play.claim.state.consent, play.claim.state.waiting_for) == ("held", "partner")
    assert (play.clock("consent").state, play.claim.state.deadline) == ("held", None)
    told = play.pay()
    assert kinds(told) == ["undeliverable → partner", "undeliverable → reviewers"]
    assert {mail.facts["contact"] for mail in told} == {"contact"}
    assert not any("lars@" in mail.model_dump_json() for mail in told)


def test_nobody_consents_by_a_notice_that_came_back() -> None:
    play = bounced()
    play.wait(until=play.now + 200 * DAY)
    assert (play.claim.state.consent, play.claim.state.official_since) == ("held", None)


def test_a_bounce_seen_before_the_timer_is_in_time() -> None:
    play = bounced(days=8)
    play.tick()
    assert play.claim.state.consent == "held"


def test_a_corrected_contact_is_asked_anew_without_a_new_submission() -> None:
    play = bounced()
    submitted_at = play.claim.state.submitted_at
    play.now += DAY
    play.tell("edit", changes={"customer_contact": CONTACT})
    play.confirm()
    assert play.claim.state.consent == "pending"
    (mail,) = play.pay()
    assert (mail.notice_id, mail.to and mail.to.email) == (SECOND, "liv@contoso.example")
    assert play.claim.state.deadline == play.now + WEEK
    assert (play.claim.state.notice_accepted_at, play.claim.state.submitted_at) == (
        play.now,
        submitted_at,
    )


def test_a_retry_asks_the_same_address_anew_with_a_full_window() -> None:
    play = bounced()
    play.now += DAY
    play.tell("retry")
    (mail,) = play.pay()
    assert (mail.notice_id, mail.to and mail.to.email) == (SECOND, "lars@contoso.example")
    assert play.claim.state.deadline == play.now + WEEK
    play.wait(until=play.now + WEEK)
    assert play.claim.state.consent == "lapsed"


def test_a_second_round_may_come_back_too() -> None:
    play = bounced()
    play.tell("retry")
    play.pay()
    bounce(play, SECOND)
    assert play.claim.state.consent == "held"
    assert kinds(play.pay()) == ["undeliverable → partner", "undeliverable → reviewers"]


def test_while_held_the_last_rounds_link_still_says_no() -> None:
    play = bounced()
    assert play.tell("decline", notice_id=FIRST).status is Status.REJECTED
    assert play.claim.state.consent == "declined"


def test_the_link_of_the_one_that_came_back_ends_nothing_but_reviewers_must_look() -> None:
    play = bounced()
    play.tell("retry")
    assert play.tell("decline", notice_id=FIRST).status is Status.APPROVED
    assert (play.claim.state.consent, play.claim.state.waiting_for) == ("held", "reviewer")


def test_a_bounce_that_is_quicker_than_the_mail_servers_yes_is_to_be_said_again() -> None:
    play = approved()
    debt = play.debt("consent")
    play.claim.begin(debt, "run-1")
    play.refuses("not_yet", "bounced", **REPORT)
    play.accepted(debt)
    bounce(play)
    assert (play.claim.state.consent, play.claim.state.notice_accepted_at) == ("held", None)


# Who says that a mail came back


@pytest.mark.parametrize("token", ["a guess", DIGEST, TOKEN.upper(), TOKEN[:-1]])
def test_a_report_by_somebody_who_never_saw_the_mail_holds_no_clock(token: str) -> None:
    play = consent_running()
    before = unmoved(play)
    refused = play.refuses("invalid", "bounced", **_with(token))
    assert refused.text == "token: is not the one in this notice's Message-ID"
    assert unmoved(play) == before
    play.wait(until=play.now + WEEK)
    assert play.claim.state.consent == "lapsed"


def test_a_forged_report_by_signal_is_written_down_and_does_not_stand_in_the_real_ones_way() -> (
    None
):
    play = consent_running()
    forged = said("bounced", **_with("a guess"))
    assert play.hear("bounced", forged).code == "invalid"
    bounce(play)
    assert play.claim.state.consent == "held"


def test_a_report_needs_a_token() -> None:
    play = consent_running()
    without = {"by": SYSTEM, "notice_id": FIRST, "detail": "550"}
    assert fields_of(play.refuses_payloads("invalid", "bounced", without)) == {"token": "is needed"}


def test_the_token_is_in_no_claim_that_was_put_away() -> None:
    play = bounced()
    assert TOKEN not in play.claim.state.model_dump_json()


# What means nothing


def test_the_same_mail_that_comes_back_twice_is_told_once() -> None:
    play = bounced()
    before = unmoved(play)
    assert bounce(play) == "Noted; it changes nothing."
    assert (unmoved(play), play.last.what) == (before, "bounced")


@pytest.mark.parametrize("answered", [True, False])
def test_an_older_round_that_comes_back_is_written_down_and_changes_nothing(answered: bool) -> None:
    play = bounced()
    play.tell("edit", changes={"customer_contact": CONTACT})
    if answered:
        play.pay()
    before = unmoved(play)
    bounce(play)
    assert (unmoved(play), play.last.what) == (before, "bounced")


def test_of_an_older_round_that_was_replaced_while_it_was_under_way_nobody_knows_the_token() -> (
    None
):
    play = approved()
    play.claim.begin(play.debt("consent"), "run-1")
    play.tell("edit", changes={"customer_contact": CONTACT})
    play.refuses("invalid", "bounced", **REPORT)


def test_a_notice_that_was_refused_cannot_come_back() -> None:
    play = approved()
    play.bounced(play.debt("consent"))
    play.refuses("invalid", "bounced", **REPORT)


@pytest.mark.parametrize("so_far", [lapsed, handed_off])
def test_after_the_window_a_bounce_is_written_down_and_changes_nothing(
    so_far: Callable[[], Play],
) -> None:
    play = so_far()
    before = unmoved(play)
    assert bounce(play) == "Noted; it changes nothing."
    assert (unmoved(play), play.last.what) == (before, "bounced")


def test_so_it_is_when_the_claim_is_over_for_all_but_its_debts() -> None:
    play = consent_running()
    play.tell("decline")
    before = unmoved(play)
    bounce(play)
    assert unmoved(play) == before


@pytest.mark.parametrize(
    "notice_id",
    [SECOND, "CPOR-XXXX.consent.1.contact", "nonsense", "CPOR-7Q2M4X.consent.1.technical_contact"],
)
def test_a_notice_that_was_never_sent_cannot_come_back(notice_id: str) -> None:
    consent_running().refuses("invalid", "bounced", notice_id=notice_id, detail="550")


def test_a_notice_that_is_owed_and_was_never_tried_cannot_come_back() -> None:
    approved().refuses("invalid", "bounced", notice_id=FIRST, detail="550")


# Other mails


@pytest.mark.parametrize(
    ("so_far", "notice_id", "contact"),
    [
        (asked, "CPOR-7Q2M4X.submitted.1.partner", "partner"),
        (consent_running, "CPOR-7Q2M4X.approved.1.partner", "partner"),
    ],
)
def test_another_mail_moves_no_clock_and_the_reviewers_are_told(
    so_far: Callable[[], Play], notice_id: str, contact: str
) -> None:
    play = so_far()
    before = play.claim.state.status, play.claim.state.consent, play.claim.state.clocks
    bounce(play, notice_id)
    assert (play.claim.state.status, play.claim.state.consent, play.claim.state.clocks) == before
    (mail,) = play.pay()
    assert (mail.kind, mail.recipient, mail.facts["contact"]) == (
        "undeliverable",
        "reviewers",
        contact,
    )


def test_so_it_is_with_what_the_customer_is_told_at_the_end() -> None:
    play = consent_running()
    play.tell("withdraw")
    play.accepted(play.debt("withdrawn", "contact"))
    bounce(play, "CPOR-7Q2M4X.withdrawn.1.contact")
    assert len(play.debts("undeliverable", "reviewers")) == 1


def test_reviewers_do_not_hear_by_mail_that_their_own_mail_came_back() -> None:
    play = asked()
    bounce(play, "CPOR-7Q2M4X.to_review.1.reviewers")
    assert (play.last.what, play.claim.state.debts) == ("bounced", [])


def test_only_systems_say_that_a_mail_came_back() -> None:
    by = {"role": "operator", "id": "olga"}
    consent_running().refuses("wrong_role", "bounced", by=by, notice_id=FIRST, detail="550")


def test_a_bounce_is_heard_after_the_end_as_long_as_something_is_owed() -> None:
    play = withdrawn()
    bounce(play, "CPOR-7Q2M4X.submitted.1.partner")
    assert "undeliverable → reviewers" in kinds(play.pay())
    assert play.claim.state.is_over
