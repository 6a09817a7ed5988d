"""Somebody else decides a dispute, once and for all; a question in it stops its clock."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

import pytest

from cpor.rules.lifecycle import Status
from tests.rules.editions import in_each_edition
from tests.rules.mails import one
from tests.rules.play import (
    DAY,
    MONDAY,
    NEXT_MONDAY,
    SECOND,
    THURSDAY,
    TUESDAY,
    Play,
    asked_in_dispute,
    disputed,
    kinds,
    lost,
    midnight_after,
    submitted,
)

NO_PROOF: Mapping[str, Any] = {"reasons": [{"reason": "insufficient_poe"}]}
ASK: Mapping[str, Any] = {"requests": [{"reason": "missing_all_poe"}]}


def why(play: Play) -> list[str]:
    return [each.reason for each in play.claim.state.reasons]


def reviewer(who: str) -> Mapping[str, str]:
    return {"role": "reviewer", "id": who}


# Who decides, and until when


@pytest.mark.parametrize(
    ("edition", "last_day"),
    [("2020", date(2026, 3, 9)), ("2020-intro", date(2026, 3, 9)), ("2023", date(2026, 3, 20))],
)
def test_it_is_decided_in_5_business_days_or_14_in_2023(edition: str, last_day: date) -> None:
    play = disputed(edition=edition)
    assert play.clock("dispute_answer").counted[-1] == last_day
    assert play.claim.state.waiting_for == "reviewer"


@pytest.mark.parametrize("who", ["kim", "KIM", "Kim"])
@pytest.mark.parametrize(
    ("name", "says"), [("approve", {"note": "Fine."}), ("reject", NO_PROOF), ("request_info", ASK)]
)
def test_whoever_rejected_does_not_decide_the_dispute(
    name: str, says: Mapping[str, Any], who: str
) -> None:
    disputed().refuses("same_reviewer", name, by=reviewer(who), **says)


@pytest.mark.parametrize("who", ["kim", "KIM", "Kim"])
@pytest.mark.parametrize("so_far", [disputed, asked_in_dispute])
def test_nor_is_it_assigned_to_them(so_far: Callable[[], Play], who: str) -> None:
    play = so_far()
    play.refuses("same_reviewer", "assign", reviewer=who)
    play.tell("assign", reviewer="mo")
    assert play.claim.state.reviewer == "mo"


def test_where_it_fell_for_want_of_an_answer_whoever_asked_does_not_decide() -> None:
    play = submitted()
    play.tell("start_review", by=SECOND)
    play.tell("request_info")
    play.pay("info_requested")
    play.wait(until=midnight_after(NEXT_MONDAY))
    assert why(play) == ["no_partner_response"]
    play.tell("dispute")
    play.refuses("same_reviewer", "approve")
    play.refuses("same_reviewer", "assign", reviewer="KIM")
    assert play.tell("approve", by=SECOND).status is Status.APPROVED


def test_whoever_only_asked_may_decide_what_another_rejected() -> None:
    play = submitted()
    play.tell("request_info", by=SECOND, **ASK)
    play.tell("submit")
    play.tell("reject")
    play.tell("dispute")
    assert play.tell("reject", by=SECOND, **NO_PROOF).status is Status.REJECTED_FINAL


def test_a_dispute_has_no_reviewer_until_somebody_acts_and_nobody_starts_a_review() -> None:
    play = disputed()
    assert play.claim.state.reviewer is None
    play.refuses("wrong_status", "start_review", by=SECOND)
    play.tell("request_info", by=SECOND, **ASK)
    assert play.claim.state.reviewer == "lee"


@pytest.mark.parametrize("so_far", [disputed, asked_in_dispute])
def test_a_dispute_under_way_is_not_disputed_again(so_far: Callable[[], Play]) -> None:
    so_far().refuses("already_disputed", "dispute")


def test_a_dispute_that_nobody_decides_is_told_to_the_lead_and_goes_on() -> None:
    play = disputed()
    told = play.wait(until=MONDAY + 60 * DAY)
    overdue = {mail.facts["clock"] for mail in told if mail.kind == "overdue"}
    assert overdue == {"dispute_answer"}
    assert (play.claim.state.status, play.claim.state.is_overdue) == (Status.DISPUTED, True)


def test_the_overall_limit_does_not_return() -> None:
    play = disputed()
    assert play.clock("overall").state == "stopped"
    assert [clock.clock for clock in play.claim.state.clocks.running()] == ["dispute_answer"]


# A question in a dispute


@in_each_edition
def test_an_answer_leads_back_to_the_dispute_where_the_clock_goes_on(edition: str) -> None:
    play = disputed(edition=edition)
    play.now = TUESDAY
    play.tell("request_info", by=SECOND, **ASK)
    assert play.clock("dispute_answer").end is None
    play.now = THURSDAY
    assert play.tell("submit").status is Status.DISPUTED
    # Tuesday counts, the day of the question; Wednesday and Thursday don't.
    counted = play.clock("dispute_answer").counted
    assert counted[:3] == [date(2026, 3, day) for day in (3, 6, 9)]
    assert len(counted) == (14 if edition == "2023" else 5)
    assert one(play.pay(), "to_review", "reviewers").facts["dispute"] is not None


@in_each_edition
def test_no_answer_loses_the_dispute(edition: str) -> None:
    play = asked_in_dispute(edition=edition)
    told = play.wait(until=MONDAY + 30 * DAY)
    assert play.claim.state.status is Status.REJECTED_FINAL
    assert why(play) == ["no_partner_response", "dispute_lost"]
    assert kinds([mail for mail in told if mail.kind != "reminder"]) == [
        "dispute_decided → partner"
    ]


# What comes of it


@in_each_edition
def test_a_lost_dispute_is_final_in_every_edition(edition: str) -> None:
    play = lost(edition=edition)
    assert (play.claim.state.status, why(play)) == (
        Status.REJECTED_FINAL,
        ["insufficient_poe", "dispute_lost"],
    )
    (mail,) = play.pay()
    assert (mail.kind, mail.recipient, mail.facts["outcome"]) == (
        "dispute_decided",
        "partner",
        "rejected",
    )
    assert [each["reason"] for each in mail.facts["reasons"]] == why(play)
    assert play.claim.state.is_over
    play.refuses("wrong_status", "dispute")


def test_a_won_dispute_is_an_approval_like_any_other() -> None:
    play = disputed()
    play.now = THURSDAY
    assert play.tell("approve", by=SECOND).status is Status.APPROVED
    assert (play.claim.state.reasons, play.claim.state.consent) == ([], "pending")
    told = play.pay()
    assert kinds(told) == ["consent → contact", "dispute_decided → partner"]
    assert one(told, "dispute_decided", "partner").facts["outcome"] == "approved"
    assert play.claim.state.deadline == THURSDAY + 7 * DAY
    told = play.wait(until=THURSDAY + 7 * DAY)
    assert kinds(told) == ["handed_off → partner", "official → partner"]


def test_a_won_dispute_binds_the_customer_no_more_than_any_approval() -> None:
    play = disputed()
    play.tell("approve", by=SECOND)
    play.pay()
    play.tell("decline")
    play.refuses("not_disputable", "dispute")


@pytest.mark.parametrize("so_far", [disputed, asked_in_dispute])
def test_a_dispute_can_be_withdrawn(so_far: Callable[[], Play]) -> None:
    play = so_far()
    assert play.tell("withdraw").status is Status.REJECTED
    assert why(play) == ["partner_request"]
    assert kinds(play.pay()) == ["withdrawn → partner", "withdrawn → reviewers"]
    assert play.claim.state.is_over
