"""An operator may give more time, on any clock that has some left; the ledger shows the sum."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from functools import partial

import pytest

from cpor.rules import views
from cpor.rules.deadlines import Calendars, ClockName
from tests import calendars
from tests.examples import PARTNER, REVIEWER, opening
from tests.rules.play import (
    DAY,
    MONDAY,
    NEXT_MONDAY,
    SECOND,
    THURSDAY,
    TUESDAY,
    WEDNESDAY,
    Play,
    approved,
    asked,
    asked_in_dispute,
    consent_running,
    declined,
    disputed,
    draft,
    handed_off,
    held,
    lapsed,
    midnight_after,
    rejected,
    submitted,
    under_review,
)

WEEK = 7 * DAY
TWO_MORE = midnight_after(NEXT_MONDAY + 2 * DAY)
"""Five business days from Monday, and two more."""


def extend(play: Play, days: int = 2, clock: ClockName | None = None) -> None:
    play.tell("extend", business_days=days, why="A public holiday.", clock=clock)


def shown(play: Play, clock: ClockName) -> views.ClockView:
    """As the query shows the latest one."""
    return [each for each in views.deadlines(play.claim.state) if each.clock == clock][-1]


def known_through(day: date) -> Calendars:
    country = calendars.resolve("DE", MONDAY.date(), days=(day - MONDAY.date()).days)
    return Calendars(reviewer=country, partner=country, customer=country)


# Which clock


@pytest.mark.parametrize(
    ("so_far", "clock"),
    [
        (submitted, "wait_for_review"),
        (under_review, "review"),
        (asked, "answer"),
        (disputed, "dispute_answer"),
        (asked_in_dispute, "answer"),
    ],
)
def test_more_time_is_for_whoever_must_act(so_far: Callable[[], Play], clock: ClockName) -> None:
    play = so_far()
    extend(play)
    assert play.clock(clock).end == TWO_MORE
    assert [each.clock for each in play.claim.state.clocks.ledger if each.extended] == [clock]


@pytest.mark.parametrize("edition", ["2020", "2023"])
@pytest.mark.parametrize(
    ("so_far", "clock", "ends"),
    [
        (consent_running, "consent", midnight_after(NEXT_MONDAY + 2 * DAY)),
        (rejected, "dispute", datetime(2026, 4, 4, tzinfo=UTC)),
    ],
)
def test_a_window_in_days_is_extended_by_business_days_from_its_end(
    so_far: Callable[..., Play], clock: ClockName, ends: datetime, edition: str
) -> None:
    play = so_far(edition=edition)
    extend(play)
    # Seven days from Monday are Monday, 30 are Wednesday, 1 April; two full business days follow.
    assert play.clock(clock).end == ends
    assert play.claim.state.deadline == ends


def test_the_overall_limit_must_be_named() -> None:
    play = under_review()
    assert play.clock("overall").end == midnight_after(NEXT_MONDAY + WEEK)
    extend(play, clock="overall")
    assert play.clock("overall").end == midnight_after(NEXT_MONDAY + WEEK + 2 * DAY)
    assert play.clock("review").end == midnight_after(NEXT_MONDAY)


def test_in_2023_there_is_no_overall_limit_to_extend() -> None:
    play = under_review(edition="2023")
    play.refuses("wrong_status", "extend", business_days=1, why="A fair.", clock="overall")


def test_extensions_add_up() -> None:
    play = asked()
    extend(play, 1)
    extend(play, 1)
    assert (play.clock("answer").end, play.clock("answer").extended) == (TWO_MORE, 2)


def test_the_partners_holidays_count_for_the_partner() -> None:
    partner = calendars.resolve("DE", date(2026, 3, 1))
    play = Play(opening(), datetime(2026, 3, 25, 12, tzinfo=UTC), Calendars(partner=partner))
    play.tell("request_info")
    play.pay("info_requested")
    assert play.clock("answer").counted[-1] == date(2026, 4, 1)
    extend(play)
    # 3 April is Good Friday and 6 April Easter Monday.
    assert play.clock("answer").counted[-2:] == [date(2026, 4, 2), date(2026, 4, 7)]


# Clocks that do not run


@pytest.mark.parametrize("clock", ["review", "overall"])
def test_a_clock_that_stands_still_goes_on_with_more_time(clock: ClockName) -> None:
    play = under_review()
    play.now = TUESDAY
    play.tell("request_info")
    extend(play, clock=clock)
    assert (play.clock(clock).state, play.clock(clock).end) == ("paused", None)
    play.now = THURSDAY
    play.tell("submit")
    amount = 5 if clock == "review" else 10
    assert len(play.clock(clock).counted) == amount + 2


def test_the_second_reviewers_time_stands_still_and_is_extended_too() -> None:
    play = asked_in_dispute()
    extend(play, clock="dispute_answer")
    play.now = WEDNESDAY
    play.tell("submit")
    assert len(play.clock("dispute_answer").counted) == 7


def test_a_window_that_waits_for_the_notice_will_be_longer() -> None:
    play = approved()
    extend(play)
    assert play.clock("consent").end is None
    play.pay()
    assert play.claim.state.deadline == TWO_MORE


def test_a_held_window_begins_anew_in_full_and_needs_no_more_time() -> None:
    play = held()
    play.refuses("wrong_status", "extend")
    play.refuses("wrong_status", "extend", business_days=1, why="A fair.", clock="consent")


@pytest.mark.parametrize(
    ("so_far", "clock"),
    [
        (under_review, "wait_for_review"),
        (under_review, "answer"),
        (under_review, "dispute"),
        (consent_running, "review"),
        (rejected, "overall"),
        (disputed, "dispute"),
    ],
)
def test_a_clock_that_has_ended_or_never_began_has_no_more_time(
    so_far: Callable[[], Play], clock: ClockName
) -> None:
    so_far().refuses("wrong_status", "extend", business_days=1, why="A fair.", clock=clock)


@pytest.mark.parametrize("so_far", [draft, lapsed, handed_off, declined])
def test_where_no_clock_runs_there_is_no_more_time(so_far: Callable[[], Play]) -> None:
    so_far().refuses("wrong_status", "extend")


# Who, how much, and what is written down


@pytest.mark.parametrize("by", [PARTNER, REVIEWER])
def test_only_operators_give_more_time(by: dict[str, str]) -> None:
    asked().refuses("wrong_role", "extend", by=by)


@pytest.mark.parametrize("days", [0, 31, -1, 2.5, "2"])
def test_from_1_to_30_business_days_are_given(days: object) -> None:
    asked().refuses("invalid", "extend", business_days=days, why="A fair.")


@pytest.mark.parametrize("days", [1, 30])
def test_at_the_bounds_they_are_given_too(days: int) -> None:
    play = asked()
    extend(play, days)
    assert len(play.clock("answer").counted) == 5 + days


def test_the_history_says_by_how_much_on_what_and_why() -> None:
    play = asked()
    extend(play)
    assert play.last.what == "extend"
    assert play.last.text == "gave 2 business days more on answer: A public holiday."
    assert play.last.changes == {"answer.end": ["2026-03-10T00:00:00Z", "2026-03-12T00:00:00Z"]}


# The ledger


def test_the_ledger_explains_every_clock_running_or_ended() -> None:
    play = under_review()
    play.now = TUESDAY
    play.tell("request_info")
    play.now = THURSDAY
    play.tell("submit")
    extend(play, clock="review")
    assert [(each.clock, each.state) for each in views.deadlines(play.claim.state)] == [
        ("wait_for_review", "stopped"),
        ("overall", "running"),
        ("review", "running"),
        ("answer", "stopped"),
    ]
    review = shown(play, "review")
    assert (review.rule, review.edition) == ("5 business days", "2020")
    assert review.started_at == MONDAY
    assert [(each.since, each.until) for each in review.pauses] == [(TUESDAY, THURSDAY)]
    assert review.counted == [date(2026, 3, day) for day in (3, 6, 9, 10, 11, 12, 13)]
    assert [(each.day.day, each.why) for each in review.skipped] == [(7, "Saturday"), (8, "Sunday")]
    assert (review.extended, review.end) == (2, midnight_after(NEXT_MONDAY + 4 * DAY))


def test_the_ledger_names_the_calendar_and_zone_of_the_side_that_is_bound() -> None:
    partner = calendars.resolve("DE", date(2026, 3, 1))
    play = Play(opening(), MONDAY, Calendars(partner=partner))
    play.tell("request_info")
    play.pay("info_requested")
    answer = shown(play, "answer")
    assert (answer.calendar, answer.zone) == ("Germany", "Europe/Berlin")
    assert answer.end == datetime(2026, 3, 9, 23, tzinfo=UTC)
    assert shown(play, "overall").zone == "UTC"


def test_the_ledger_keeps_each_round() -> None:
    play = asked()
    play.tell("submit")
    play.tell("request_info")
    play.pay("info_requested")
    rounds = [each.state for each in views.deadlines(play.claim.state) if each.clock == "answer"]
    assert rounds == ["stopped", "running"]


def test_a_held_window_shows_no_end() -> None:
    play = consent_running()
    play.tell("bounced", notice_id="CPOR-7Q2M4X.consent.1.contact", detail="550")
    assert (shown(play, "consent").state, shown(play, "consent").end) == ("held", None)


def test_a_held_window_shows_no_end_also_when_more_days_are_known() -> None:
    play = Play(calendars=known_through(MONDAY.date() + timedelta(days=400)))
    play.pay()
    play.tell("approve")
    play.pay()
    play.tell("bounced", notice_id="CPOR-7Q2M4X.consent.1.contact", detail="550")
    play.calendars = known_through(MONDAY.date() + timedelta(days=800))
    play.now += 300 * DAY
    play.tell("comment")
    assert shown(play, "consent").end is None


# Assigning


@pytest.mark.parametrize("so_far", [submitted, under_review, asked, partial(asked, edition="2023")])
def test_an_operator_says_who_is_to_decide(so_far: Callable[[], Play]) -> None:
    play = so_far()
    status, deadline = play.claim.state.status, play.claim.state.deadline
    play.tell("assign", reviewer="mo")
    assert (play.claim.state.reviewer, play.claim.state.status) == ("mo", status)
    assert play.claim.state.deadline == deadline
    assert play.last.changes["reviewer"][1] == "mo"


def test_whoever_it_is_assigned_to_another_may_decide_all_the_same() -> None:
    play = under_review()
    play.tell("assign", reviewer="mo")
    play.tell("approve", by=SECOND)
    assert play.claim.state.reviewer == "lee"


@pytest.mark.parametrize("so_far", [draft, approved, rejected, declined])
def test_where_nobody_is_to_decide_nothing_is_assigned(so_far: Callable[[], Play]) -> None:
    so_far().refuses("wrong_status", "assign")
