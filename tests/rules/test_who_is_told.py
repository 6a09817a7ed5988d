"""Whoever a word of an operator or of the partner concerns, reads of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from cpor.rules.deadlines import ClockName
from cpor.rules.effects.notice import Notice
from tests.rules.play import (
    Play,
    approved,
    asked,
    consent_running,
    disputed,
    draft,
    kinds,
    rejected,
    submitted,
    under_review,
)

WHY = "A public holiday."


def after(play: Play, name: str, **fields: Any) -> list[Notice]:
    """The mails that a message leads to."""
    play.pay()
    play.tell(name, **fields)
    return play.pay("notice")


def more_time(play: Play, clock: ClockName | None = None) -> list[Notice]:
    return after(play, "extend", business_days=2, why=WHY, clock=clock)


# More time


@pytest.mark.parametrize(
    ("so_far", "clock", "who"),
    [
        (submitted, "wait_for_review", ["partner", "reviewers"]),
        (submitted, "overall", ["reviewers"]),
        (under_review, "review", ["reviewers"]),
        (asked, "answer", ["partner"]),
        (asked, "review", ["reviewers"]),
        (rejected, "dispute", ["partner"]),
        (disputed, "dispute_answer", ["partner", "reviewers"]),
        (consent_running, "consent", ["contact", "partner"]),
    ],
)
def test_whoever_was_told_a_deadline_is_told_that_it_moved(
    so_far: Callable[[], Play], clock: ClockName, who: list[str]
) -> None:
    play = so_far()
    mails = more_time(play, clock)
    assert kinds(mails) == [f"extended → {each}" for each in who]
    for mail in mails:
        end = play.clock(clock).end
        assert (mail.facts["days"], mail.facts["clock"]) == (2, clock)
        assert mail.facts["due"] is None or mail.facts["due"]["at"] == f"{end:%Y-%m-%dT%H:%M:%SZ}"


def test_a_clock_that_stands_still_has_no_new_end_yet() -> None:
    (mail,) = more_time(asked(), "review")
    assert mail.facts["due"] is None


def test_the_end_that_is_told_is_the_one_when_the_mail_is_written() -> None:
    play = asked()
    play.pay()
    for _ in range(2):
        play.tell("extend", business_days=2, why=WHY)
    first, second = play.pay("extended")
    assert first.facts["due"] == second.facts["due"]


def test_a_customer_who_has_no_notice_yet_gets_the_new_end_in_the_notice() -> None:
    play = approved()
    play.tell("extend", business_days=2, why=WHY)
    (consent,) = (mail for mail in play.pay() if mail.recipient == "contact")
    assert consent.promise is not None
    assert (consent.kind, consent.promise.extended) == ("consent", 2)


def test_the_operator_s_reason_is_not_for_the_customer() -> None:
    mails: Mapping[str, Notice] = {
        mail.recipient: mail for mail in more_time(consent_running(), "consent")
    }
    assert mails["contact"].facts["why"] is None
    (mail,) = more_time(asked())
    assert mail.facts["why"] == WHY


# Another reviewer


@pytest.mark.parametrize("so_far", [submitted, under_review, asked, disputed])
def test_a_reviewer_learns_that_a_claim_was_assigned(so_far: Callable[[], Play]) -> None:
    (mail,) = after(so_far(), "assign", reviewer="lee")
    assert (mail.kind, mail.recipient, mail.facts["reviewer"]) == ("assigned", "reviewers", "lee")


def test_the_new_reviewer_s_own_address_is_written_to() -> None:
    play = submitted()
    play.claim.state.reviewers_have_addresses = True
    mails = after(play, "assign", reviewer="lee")
    assert [(mail.recipient, mail.reviewer) for mail in mails] == [
        ("reviewers", None),
        ("reviewer", "lee"),
    ]


def test_assigned_again_to_the_same_reviewer_nobody_is_told() -> None:
    play = submitted()
    after(play, "assign", reviewer="lee")
    assert after(play, "assign", reviewer="lee") == []


# Taken back


@pytest.mark.parametrize(
    ("so_far", "who"),
    [
        (draft, ["partner"]),
        (submitted, ["partner", "reviewers"]),
        (disputed, ["partner", "reviewers"]),
        (consent_running, ["contact", "partner", "reviewers"]),
    ],
)
def test_a_withdrawal_is_confirmed_to_the_partner(
    so_far: Callable[[], Play], who: list[str]
) -> None:
    assert kinds(after(so_far(), "withdraw")) == [f"withdrawn → {each}" for each in who]
