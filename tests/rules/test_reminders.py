"""Whoever must act is reminded two business days before the last day, and on it, at nine."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta

import pytest

from cpor.rules.deadlines import Calendar, Calendars, Clock, ClockName, Window
from cpor.rules.editions import edition
from cpor.rules.effects.directory import DirectoryResult
from cpor.rules.effects.notice import Notice
from cpor.rules.reminders import upcoming
from tests import calendars
from tests.examples import opening
from tests.rules.play import (
    DAY,
    FRIDAY,
    MINUTE,
    MONDAY,
    NEXT_MONDAY,
    SECOND,
    THURSDAY,
    TUESDAY,
    WEDNESDAY,
    Play,
    asked,
    consent_running,
    disputed,
    draft,
    kinds,
    midnight_after,
    rejected,
    submitted,
    under_review,
)

HOUR = timedelta(hours=1)
BERLIN = calendars.resolve("DE", date(2026, 3, 1))
WASHINGTON = calendars.resolve("US", date(2026, 3, 1), subdivision="WA", zone="America/Los_Angeles")
RIYADH = calendars.resolve("SA", date(2026, 3, 1))


def reminders(play: Play, until: datetime = MONDAY + 60 * DAY) -> list[tuple[datetime, Notice]]:
    """Each with the instant at which it was sent."""
    sent: list[tuple[datetime, Notice]] = []
    while (wake := play.claim.next_wake()) and wake.at <= until:
        play.now = max(wake.at, play.now)
        play.tick()
        sent += [(play.now, mail) for mail in play.pay() if mail.kind == "reminder"]
    play.now = until
    return sent


def times(play: Play, until: datetime = MONDAY + 60 * DAY) -> list[str]:
    return [f"{at:%a %d %b %H:%M}" for at, _ in reminders(play, until)]


def asked_on(day: datetime, partner: Calendar) -> Play:
    """A question to a partner in this country."""
    play = Play(opening(), day, Calendars(partner=partner))
    play.pay()
    play.tell("request_info")
    play.pay()
    return play


# When


def test_two_business_days_before_the_last_day_and_on_it_at_nine() -> None:
    assert times(asked()) == ["Thu 05 Mar 09:00", "Mon 09 Mar 09:00"]


def test_in_2023_too() -> None:
    assert times(asked(edition="2023")) == ["Wed 18 Mar 09:00", "Fri 20 Mar 09:00"]


def test_holidays_are_no_business_days_and_nine_is_where_the_partner_is() -> None:
    play = asked_on(datetime(2026, 3, 30, 12, tzinfo=UTC), BERLIN)
    # 3 April is Good Friday and 6 April Easter Monday; Berlin is two hours ahead.
    assert times(play) == ["Thu 02 Apr 07:00", "Wed 08 Apr 07:00"]


def test_a_weekend_on_friday_and_saturday_is_left_out() -> None:
    play = asked_on(datetime(2026, 4, 13, 12, tzinfo=UTC), RIYADH)
    # From Monday to the Monday after; Riyadh is three hours ahead.
    assert times(play) == ["Thu 16 Apr 06:00", "Mon 20 Apr 06:00"]


def test_reviewers_are_reminded_by_their_own_clocks_also_when_these_change() -> None:
    play = Play(opening(), MONDAY, Calendars(reviewer=WASHINGTON))
    # On Sunday, 8 March, daylight saving time begins.
    assert times(play)[:2] == ["Thu 05 Mar 17:00", "Mon 09 Mar 16:00"]


# Who, and of what


@pytest.mark.parametrize(
    ("so_far", "clock", "who"),
    [
        (submitted, "wait_for_review", "reviewers"),
        (under_review, "review", "reviewers"),
        (asked, "answer", "partner"),
        (disputed, "dispute_answer", "reviewers"),
    ],
)
def test_it_goes_to_whoever_must_act_and_says_what_and_until_when(
    so_far: Callable[[], Play], clock: ClockName, who: str
) -> None:
    play = so_far()
    end = play.clock(clock).end
    assert end is not None
    mails = [mail for _, mail in reminders(play)]
    assert [mail.recipient for mail in mails] == [who, who]
    assert {mail.facts["clock"] for mail in mails} == {clock}
    assert {mail.facts["due"]["at"] for mail in mails} == {f"{end:%Y-%m-%dT%H:%M:%SZ}"}
    assert [mail.facts["last_day"] for mail in mails] == [False, True]


def test_a_question_is_repeated_in_its_reminder() -> None:
    mails = [mail for _, mail in reminders(asked())]
    assert [[each["reason"] for each in mail.facts["requests"]] for mail in mails] == [
        ["missing_all_poe"],
        ["missing_all_poe"],
    ]


@pytest.mark.parametrize("so_far", [draft, consent_running, rejected])
def test_drafts_the_customers_window_and_the_time_to_dispute_have_none(
    so_far: Callable[[], Play],
) -> None:
    assert reminders(so_far()) == []


def test_the_overall_limit_has_none() -> None:
    play = under_review()
    assert play.clock("overall").end == midnight_after(NEXT_MONDAY + 7 * DAY)
    assert {mail.facts["clock"] for _, mail in reminders(play)} == {"review"}


def test_a_clock_that_ends_early_reminds_nobody() -> None:
    play = asked()
    play.tell("submit")
    play.tell("reject")
    assert reminders(play) == []


# Never in the past


@pytest.mark.parametrize(
    ("starts", "days", "planned"),
    [
        (MONDAY, 1, [TUESDAY]),
        (MONDAY + HOUR, 2, [WEDNESDAY]),
        (MONDAY - HOUR, 2, [MONDAY, WEDNESDAY]),
        (MONDAY, 3, [TUESDAY, THURSDAY]),
    ],
)
def test_a_short_window_has_only_those_that_still_lie_ahead(
    starts: datetime, days: int, planned: list[datetime]
) -> None:
    window = Window(amount=days, unit="business days", side="partner")
    clock = Clock(clock="answer", window=window, edition="2020")
    clock.start(starts, Calendar())
    assert upcoming(clock, Calendar(), edition("2020").reminders) == planned


def test_after_a_pause_only_those_come_that_lie_ahead() -> None:
    play = under_review()
    reminders(play, until=NEXT_MONDAY + 5 * HOUR)
    play.tell("request_info")
    play.now += HOUR
    play.tell("submit")
    # One business day is left, Tuesday; two business days before it was Friday.
    assert times(play, until=NEXT_MONDAY + 3 * DAY) == ["Tue 10 Mar 09:00"]


def test_while_a_clock_stands_still_nobody_is_reminded_of_it() -> None:
    play = under_review()
    play.tell("request_info")
    play.pay("info_requested")
    assert {mail.facts["clock"] for _, mail in reminders(play, until=FRIDAY)} == {"answer"}


def test_when_no_worker_ran_nothing_is_said_twice_and_the_last_day_is_said_to_be_it() -> None:
    play = asked()
    play.now = NEXT_MONDAY + 3 * HOUR
    play.tick()
    (mail,) = [mail for mail in play.pay() if mail.kind == "reminder"]
    assert mail.facts["last_day"]
    assert reminders(play) == []


# Never twice


def test_the_same_is_not_said_again_however_often_time_is_looked_at() -> None:
    play = asked()
    play.now = THURSDAY
    for _ in range(3):
        play.tick()
    assert len(play.debts("reminder")) == 1
    play.pay()
    assert times(play) == ["Mon 09 Mar 09:00"]


def test_more_time_moves_those_that_were_not_sent() -> None:
    play = asked()
    play.now = WEDNESDAY
    play.tell("extend", business_days=3, why="A fair.")
    assert times(play) == ["Tue 10 Mar 09:00", "Thu 12 Mar 09:00"]


def test_more_time_after_the_first_one_plans_both_for_the_new_end() -> None:
    play = asked()
    assert times(play, until=THURSDAY + HOUR) == ["Thu 05 Mar 09:00"]
    play.tell("extend", business_days=3, why="A fair.")
    assert times(play) == ["Tue 10 Mar 09:00", "Thu 12 Mar 09:00"]


def test_each_round_has_its_own() -> None:
    play = asked()
    assert len(times(play, until=NEXT_MONDAY)) == 2
    play.tell("submit")
    play.tell("request_info")
    play.pay("info_requested")
    assert times(play)[-2:] == ["Thu 12 Mar 09:00", "Mon 16 Mar 09:00"]


# Changed, but not sent


def test_a_partner_who_changed_things_and_did_not_send_them_is_told_so() -> None:
    play = asked()
    first = reminders(play, until=THURSDAY)
    play.tell("edit")
    second = reminders(play)
    assert [mail.facts["unsent"] for _, mail in first + second] == [False, True]


@pytest.mark.parametrize("name", ["edit", "add_evidence", "withdraw_evidence"])
def test_a_change_or_a_file_is_something_to_send(name: str) -> None:
    play = asked()
    play.tell(name)
    assert [mail.facts["unsent"] for _, mail in reminders(play)] == [True, True]


def test_a_comment_is_sent_at_once_and_what_was_sent_before_is_sent() -> None:
    play = submitted()
    play.tell("edit")
    play.tell("request_info")
    play.pay("info_requested")
    play.tell("comment")
    assert [mail.facts["unsent"] for _, mail in reminders(play)] == [False, False]


def test_unsent_changes_are_unsent_also_when_the_directory_answers_after_them() -> None:
    play = Play(directory=True)
    play.tell("request_info")
    play.pay("info_requested")
    play.tell("edit", changes={"partner_contact": {"name": "Bo", "email": "bo@fabrikam.example"}})
    confirmed = DirectoryResult(outcome="confirmed", at=play.now)
    play.answer(play.debt("directory"), confirmed)
    assert [mail.facts["unsent"] for _, mail in reminders(play)] == [True, True]


# Too late


@pytest.mark.parametrize(
    ("so_far", "clocks"),
    [
        (submitted, ["wait_for_review", "overall"]),
        (under_review, ["review", "overall"]),
        (disputed, ["dispute_answer"]),
    ],
)
def test_when_the_reviewers_time_is_over_the_lead_is_told(
    so_far: Callable[[], Play], clocks: list[str]
) -> None:
    play = so_far()
    status = play.claim.state.status
    told = [mail for mail in play.wait(until=MONDAY + 60 * DAY) if mail.kind == "overdue"]
    assert [(mail.recipient, mail.facts["clock"]) for mail in told[: len(clocks)]] == [
        ("lead", clock) for clock in clocks
    ]
    assert (play.claim.state.status, play.claim.state.is_overdue) == (status, True)


def test_a_reminder_says_whether_it_is_about_a_dispute() -> None:
    play = disputed()
    assert [mail.facts["in_dispute"] for _, mail in reminders(play, until=FRIDAY)] == [True]
    play.tell("request_info", by=SECOND, requests=[{"reason": "missing_all_poe"}])
    assert {mail.facts["in_dispute"] for _, mail in reminders(play)} == {True}
    assert edition("2020").reminders.at == time(9)


def test_whom_an_outage_kept_from_being_reminded_has_two_business_days_more() -> None:
    play = asked()
    end = play.clock("answer").end
    assert end is not None
    play.now = end + 3 * DAY
    play.tick()
    assert play.claim.state.status == "Partner action required"
    assert "reminder → partner" in kinds(play.pay())
    more = play.clock("answer").end
    assert more is not None
    assert more >= play.now + 2 * DAY
    play.wait(more)
    assert play.claim.state.status == "Rejected"


def test_who_was_reminded_before_the_outage_has_had_the_time() -> None:
    play = asked()
    end = play.clock("answer").end
    assert end is not None
    play.wait(end - MINUTE)
    play.now = end + 3 * DAY
    play.tick()
    assert play.claim.state.status == "Rejected"
