"""How long everybody has, and what happens when the time is over."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from cpor.contract import search_attributes
from cpor.rules import views
from cpor.rules.claim import Claim
from cpor.rules.deadlines import Calendar, Calendars, Clock, Window, ZoneChange
from cpor.rules.lifecycle import Status
from cpor.rules.pinning import PinnedRules
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
    disputed,
    draft,
    kinds,
    midnight_after,
    submitted,
    under_review,
)

FIVE = Window(amount=5, unit="business days", side="partner")


# Business days


@pytest.mark.parametrize(
    ("starts", "ends"),
    [
        (MONDAY, midnight_after(NEXT_MONDAY)),
        (WEDNESDAY, midnight_after(NEXT_MONDAY + 2 * DAY)),
        (FRIDAY, midnight_after(NEXT_MONDAY + 4 * DAY)),
        (FRIDAY + DAY, midnight_after(NEXT_MONDAY + 4 * DAY)),
        (FRIDAY + 2 * DAY, midnight_after(NEXT_MONDAY + 4 * DAY)),
        (MONDAY.replace(hour=0), midnight_after(NEXT_MONDAY)),
        (MONDAY.replace(hour=23, minute=59), midnight_after(NEXT_MONDAY)),
    ],
)
def test_five_business_days_do_not_count_the_day_they_start_on(
    starts: datetime, ends: datetime
) -> None:
    clock = Clock(clock="answer", window=FIVE, edition="2020")
    clock.start(starts, Calendar())
    assert clock.end == ends


def test_a_deadline_explains_itself() -> None:
    clock = asked().clock("answer")
    assert clock.counted == [date(2026, 3, day) for day in (3, 4, 5, 6, 9)]
    assert [(each.day, each.why) for each in clock.skipped] == [
        (date(2026, 3, 7), "Saturday"),
        (date(2026, 3, 8), "Sunday"),
    ]


def test_holidays_are_skipped_by_name_and_days_end_at_local_midnight() -> None:
    calendar = Calendar(
        name="Germany",
        zone="Europe/Berlin",
        holidays={date(2026, 4, 3): "Good Friday", date(2026, 4, 6): "Easter Monday"},
        offsets=(
            ZoneChange(since=datetime(2025, 10, 26, 1, tzinfo=UTC), ahead=3600),
            ZoneChange(since=datetime(2026, 3, 29, 1, tzinfo=UTC), ahead=7200),
        ),
    )
    clock = Clock(clock="answer", window=FIVE, edition="2020")
    clock.start(datetime(2026, 3, 27, 12, tzinfo=UTC), calendar)
    assert clock.end == datetime(2026, 4, 7, 22, tzinfo=UTC)
    assert [each.why for each in clock.skipped] == [
        "Saturday",
        "Sunday",
        "Good Friday",
        "Saturday",
        "Sunday",
        "Easter Monday",
    ]


def test_a_weekend_may_be_friday_and_saturday() -> None:
    clock = Clock(clock="answer", window=FIVE, edition="2020")
    clock.start(WEDNESDAY, Calendar(weekend=(4, 5)))
    assert clock.counted == [date(2026, 3, day) for day in (5, 8, 9, 10, 11)]


def test_a_window_in_days_is_so_many_times_24_hours() -> None:
    clock = Clock(
        clock="consent", window=Window(amount=7, unit="days", side="customer"), edition="2020"
    )
    clock.start(FRIDAY + MINUTE, Calendar())
    assert clock.end == FRIDAY + MINUTE + timedelta(hours=168)


def test_days_and_edition_are_pinned_once_and_hold_for_clocks_already_begun() -> None:
    claim = Claim.open(opening(), MONDAY)
    question = claim.pin_question(MONDAY)
    assert question is not None
    assert (question.at, question.edition) == (MONDAY, None)
    assert (question.partner_country, question.customer_country) == ("DE", "SE")
    reviewer = Calendar(holidays={date(2026, 3, 4): "A holiday"})
    claim.pin(PinnedRules(edition="2020", calendars=Calendars(reviewer=reviewer)), MONDAY)
    assert claim.pin_question(MONDAY) is None
    assert claim.state.edition == "2020"
    waits = claim.state.clocks.latest("wait_for_review")
    assert waits is not None
    assert waits.end == midnight_after(NEXT_MONDAY + DAY)


def test_a_draft_has_no_clock_and_asks_for_no_calendar() -> None:
    claim = draft().claim
    assert (claim.next_wake(), claim.state.deadline, claim.pin_question(MONDAY)) == (
        None,
        None,
        None,
    )


# The partner's answer


def test_a_partner_who_does_not_answer_in_five_business_days_is_rejected() -> None:
    play = asked()
    told = play.wait(until=midnight_after(NEXT_MONDAY))
    assert play.claim.state.status is Status.REJECTED
    assert [each.reason for each in play.claim.state.reasons] == ["no_partner_response"]
    assert kinds(told) == ["rejected → partner", *["reminder → partner"] * 2]
    assert told[-1].facts["reasons"][0]["reason"] == "no_partner_response"


def test_a_partner_who_answers_at_one_minute_to_midnight_on_the_last_day_is_in_time() -> None:
    play = asked()
    play.wait(until=midnight_after(NEXT_MONDAY) - MINUTE)
    play.tell("submit")
    assert play.claim.state.status is Status.UNDER_REVIEW
    play.wait(until=play.now + MINUTE)
    assert play.claim.state.status is Status.UNDER_REVIEW


def test_an_answer_seen_before_the_timer_is_in_time_however_late_it_is() -> None:
    play = asked()
    play.now = midnight_after(NEXT_MONDAY) + 3 * DAY
    play.tell("submit")
    play.tick()
    assert play.claim.state.status is Status.UNDER_REVIEW


def test_an_answer_after_the_timer_is_too_late() -> None:
    play = asked()
    play.wait(until=midnight_after(NEXT_MONDAY))
    play.refuses("wrong_status", "submit")


def test_each_request_gives_the_partner_the_full_time_again() -> None:
    play = asked()
    for _ in range(3):
        play.now += DAY
        play.tell("submit")
        play.tell("request_info")
        play.pay("info_requested")
    assert play.claim.state.deadline == midnight_after(THURSDAY + 7 * DAY)


def test_comments_and_evidence_stop_no_clock() -> None:
    play = asked()
    before = play.claim.state.deadline
    play.now += DAY
    play.tell("comment")
    play.tell("add_evidence")
    assert play.claim.state.deadline == before


# The reviewers' time


def test_a_review_stands_still_while_the_partner_is_asked() -> None:
    play = under_review()
    assert play.claim.state.deadline == midnight_after(NEXT_MONDAY)
    play.now = TUESDAY
    play.tell("request_info")
    play.pay("info_requested")
    assert play.clock("review").end is None
    assert play.claim.state.deadline == midnight_after(NEXT_MONDAY + DAY)
    play.now = THURSDAY
    play.tell("submit")
    # Tuesday counts, the day of the question; Wednesday and Thursday don't.
    assert play.clock("review").counted == [date(2026, 3, day) for day in (3, 6, 9, 10, 11)]
    assert play.clock("review").end == midnight_after(NEXT_MONDAY + 2 * DAY)


def test_after_a_pause_at_least_one_full_business_day_remains() -> None:
    play = under_review()
    play.now = NEXT_MONDAY + timedelta(hours=14)
    play.tell("request_info")
    play.now += timedelta(hours=0.5)
    play.tell("submit")
    assert play.claim.state.deadline == midnight_after(NEXT_MONDAY + DAY)


def test_the_first_decision_is_due_ten_business_days_after_submission_and_the_partners_time() -> (
    None
):
    play = submitted()
    assert play.clock("overall").end == midnight_after(NEXT_MONDAY + 7 * DAY)
    play.tell("request_info")
    play.now = WEDNESDAY
    play.tell("submit")
    assert play.clock("overall").end == midnight_after(NEXT_MONDAY + 9 * DAY)
    play.tell("approve")
    assert play.clock("overall").state == "stopped"


def test_a_claim_nobody_takes_up_is_told_to_the_lead_once_and_goes_on() -> None:
    play = submitted()
    told = play.wait(until=midnight_after(NEXT_MONDAY) + 2 * DAY)
    (overdue,) = [notice for notice in told if notice.kind == "overdue"]
    assert (overdue.recipient, overdue.facts["clock"]) == ("lead", "wait_for_review")
    assert (play.claim.state.status, play.claim.state.is_overdue) == (Status.SUBMITTED, True)
    assert play.tell("start_review").outcome == "accepted"


def test_each_overdue_clock_is_told_once_also_over_further_rounds() -> None:
    play = under_review()
    assert "overdue → lead" in kinds(play.wait(until=midnight_after(NEXT_MONDAY)))
    play.tell("request_info")
    play.now += DAY
    play.tell("submit")
    play.pay()
    told = play.wait(until=play.now + 60 * DAY)
    assert set(kinds(told)) == {"overdue → lead"}
    assert {mail.facts["clock"] for mail in told} == {"overall"}


@pytest.mark.parametrize("decision", ["approve", "request_info", "reject"])
def test_overdue_is_whoever_must_act_now_and_what_was_missed_is_counted(decision: str) -> None:
    play = submitted()
    play.wait(until=midnight_after(NEXT_MONDAY))
    assert (play.claim.state.is_overdue, play.claim.state.missed) == (True, 1)
    assert play.claim.state.late_since == midnight_after(NEXT_MONDAY)
    play.tell(decision)
    assert (play.claim.state.is_overdue, play.claim.state.missed) == (False, 1)
    assert play.claim.state.late_since is None
    assert views.view(play.claim.state).missed == 1


def test_who_starts_late_has_time_to_review() -> None:
    play = submitted()
    play.wait(until=midnight_after(NEXT_MONDAY))
    play.tell("start_review")
    assert not play.claim.state.is_overdue


# A claim whose clocks have all run out


def all_clocks_over() -> Play:
    play = under_review()
    play.wait(until=midnight_after(NEXT_MONDAY + 7 * DAY))
    assert (play.claim.state.deadline, play.claim.state.missed) == (None, 2)
    return play


def test_the_lead_is_told_again_every_five_business_days_until_somebody_acts() -> None:
    play = all_clocks_over()
    over = play.now
    assert play.claim.state.late_since == midnight_after(NEXT_MONDAY)
    told = play.wait(until=over + 16 * DAY)
    assert [(mail.kind, mail.recipient) for mail in told] == [("overdue", "lead")] * 2
    assert told[0].facts["clock"] == "overall"
    play.tell("reject")
    play.pay()
    assert "overdue → lead" not in kinds(play.wait(until=play.now + 20 * DAY))


def test_after_a_long_sleep_it_is_said_once_and_counted_anew() -> None:
    play = all_clocks_over()
    play.now += 40 * DAY
    play.tick()
    assert len(play.debts("overdue")) == 1
    wake = play.claim.next_wake()
    assert wake is not None
    assert wake.at > play.now


def test_while_no_mail_goes_out_it_is_owed_once() -> None:
    play = all_clocks_over()
    for _ in range(5):
        wake = play.claim.next_wake()
        assert wake is not None
        play.now = wake.at
        play.tick()
    assert len(play.debts("overdue")) == 1


def test_a_claim_that_is_late_is_found_first_by_its_missed_deadline() -> None:
    play = all_clocks_over()
    found = search_attributes.of(play.claim.state)
    assert found.get(search_attributes.DEADLINE) == midnight_after(NEXT_MONDAY)
    assert found.get(search_attributes.OVERDUE) is True


def test_an_answer_after_all_clocks_ran_out_leaves_two_business_days_to_review_it() -> None:
    play = all_clocks_over()
    play.tell("request_info")
    play.pay()
    play.tell("submit")
    answered = play.now
    assert not play.claim.state.is_overdue
    assert (play.clock("review").state, len(play.clock("review").counted)) == ("running", 2)
    assert play.clock("review").started_at == answered
    play.wait(until=play.claim.state.deadline or answered)
    assert (play.claim.state.is_overdue, play.claim.state.missed) == (True, 3)


def test_an_answer_in_a_late_dispute_leaves_two_business_days_too() -> None:
    play = disputed()
    play.wait(until=midnight_after(NEXT_MONDAY) + DAY)
    play.tell("request_info", by=SECOND, requests=[{"reason": "missing_all_poe"}])
    play.pay()
    play.tell("submit")
    assert len(play.clock("dispute_answer").counted) == 2


def test_what_was_due_is_done_in_its_order_when_nobody_was_there() -> None:
    play = submitted()
    play.now = MONDAY + 60 * DAY
    play.tick()
    assert [debt.facts["clock"] for debt in play.debts("overdue")] == ["wait_for_review", "overall"]
    wake = play.claim.next_wake()
    assert wake is not None
    assert wake.label == "the lead is told again if nobody has acted"


# What is shown


def test_the_agenda_says_what_comes_next() -> None:
    play = asked()
    wake = play.claim.next_wake()
    assert wake is not None
    assert wake.at == THURSDAY
    until = "the partner must answer by Mon 09 Mar 2026 (5 business days)"
    assert wake.label == f"{until}; reminder Thu 05 Mar"
    play.wait(until=NEXT_MONDAY)
    wake = play.claim.next_wake()
    assert wake is not None
    assert (wake.at, wake.label) == (midnight_after(NEXT_MONDAY), until)


@pytest.mark.parametrize(
    ("play", "who"),
    [(draft, "partner"), (submitted, "reviewer"), (under_review, "reviewer"), (asked, "partner")],
)
def test_it_is_said_who_is_waited_for(play: Callable[[], Play], who: str) -> None:
    assert play().claim.state.waiting_for == who
