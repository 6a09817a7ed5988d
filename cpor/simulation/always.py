"""What holds of every claim at any time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from cpor.rules import contacts, current_details, views
from cpor.rules.claim import Claim
from cpor.rules.deadlines import ONE_DAY, Calendar, Clock
from cpor.rules.doubts import open_doubts, stops_the_clock
from cpor.rules.effects.notice import NoticeDebt
from cpor.rules.history import WHAT
from cpor.rules.lifecycle import Status
from cpor.rules.messages import MESSAGES
from cpor.simulation.afterwards import (
    what_ended_before_it_was_handed_off_never_is,
    what_waits_is_woken,
    what_was_judged_and_has_ended_is_recalled,
)

SIDES = {
    "wait_for_review": "reviewer",
    "review": "reviewer",
    "answer": "partner",
    "consent": "customer",
    "dispute": "partner",
    "dispute_answer": "reviewer",
}
"""Whom a clock binds. The overall limit runs beside the others."""


def at_most_one_clock_binds_a_side(claim: Claim) -> None:
    running = [clock.clock for clock in claim.state.clocks.ledger if clock.state == "running"]
    sides = [SIDES[name] for name in running if name != "overall"]
    assert len(sides) == len(set(sides)), running
    assert running.count("overall") <= 1
    assert not (claim.state.ended_at and any(clock.is_live for clock in claim.state.clocks.ledger))


def the_page_and_every_query_answer(claim: Claim) -> None:
    assert current_details.details(claim.state)
    assert current_details.summary(claim.state)
    views.view(claim.state).model_dump_json()
    known = claim.state.clocks.ledger if claim.state.edition else []
    assert len(views.deadlines(claim.state)) == len(known)


def the_history_has_no_gaps_and_tells_the_way_to_the_status(claim: Claim) -> None:
    assert [entry.seq for entry in claim.state.history] == list(
        range(1, len(claim.state.history) + 1)
    )
    status: Any = Status.EDITING.value
    for entry in claim.state.history:
        assert entry.what in WHAT or entry.what in MESSAGES
        if "status" in entry.changes:
            before, after = entry.changes["status"]
            assert before == status
            status = after
    assert claim.state.status.value == status


def nothing_is_owed_twice_and_what_has_ended_can_be_over(claim: Claim) -> None:
    ids = [debt.id for debt in claim.state.debts]
    assert len(ids) == len(set(ids))
    if claim.state.ended_at is not None and not claim.state.debts:
        assert claim.state.is_over
    assert not (claim.state.is_over and claim.wakes_at)


def the_consent_clock_runs_on_a_notice_that_arrived(claim: Claim) -> None:
    clock = claim.state.clocks.latest("consent")
    if clock is not None and clock.state == "running":
        arrived = [asked for asked in claim.state.asked.values() if asked.state == "accepted"]
        assert arrived
        assert all(asked.notice_id in claim.state.arrivals for asked in arrived)
        assert claim.state.notice_accepted_at == clock.started_at
    if claim.state.official_since is not None or claim.state.handed_off_at is not None:
        assert claim.state.consent in ("lapsed", "declined")


def nobody_unconfirmed_is_asked(claim: Claim) -> None:
    notices = (debt for debt in claim.state.debts if isinstance(debt, NoticeDebt))
    for debt in notices:
        if debt.notice == "consent" and debt in claim.state.payable:
            assert debt.recipient not in contacts.unconfirmed(claim.state)
            assert not claim.state.proof_unchecked or debt.begun


def no_silence_binds_while_a_no_is_looked_at(claim: Claim) -> None:
    clock = claim.state.clocks.latest("consent")
    if clock is not None and stops_the_clock(claim.state):
        assert clock.state != "running"
    if claim.state.status is Status.APPROVED and open_doubts(claim.state):
        assert claim.state.waiting_for == "reviewer"
        assert not any(debt.kind == "hand_off" and not debt.begun for debt in claim.state.payable)


def whoever_stands_without_a_clock_is_not_forgotten(claim: Claim) -> None:
    pinned = claim.state.edition is not None
    stands = claim.state.stands_without_a_clock and pinned
    assert (claim.state.tell_again_at is not None) == stands


def its_sum_is_right(claim: Claim, clock: Clock) -> None:
    assert clock.end is not None or clock.state != "running"
    assert clock.end is None or clock.state not in ("waiting", "held")
    if clock.started_at is not None:
        _add_up(clock, clock.started_at, claim.state.clocks.calendar_of(clock))


def _add_up(clock: Clock, started: datetime, calendar: Calendar) -> None:
    wanted, since = clock.window.amount, started
    if clock.window.unit == "days":
        assert not clock.pauses
        wanted, since = 0, started + clock.window.amount * ONE_DAY
    wanted += clock.extended
    listed = dict.fromkeys(clock.counted) | {each.day: each.why for each in clock.skipped}
    assert len(listed) == len(clock.counted) + len(clock.skipped)
    assert sorted(clock.counted) == clock.counted
    for day, why in listed.items():
        assert calendar.why_off(day) == why
    if listed:
        day = calendar.day_of(since)
        while day <= max(listed):
            start = calendar.start_of(day)
            assert (day in listed) == (start > since and not _stood_still(clock, start)), day
            day += ONE_DAY
    if clock.end is not None:
        end = _end(clock, calendar, wanted) if wanted else since
        assert clock.end == max(end, clock.promised or end)


def _stood_still(clock: Clock, at: datetime) -> bool:
    return any(
        pause.since < at and (pause.until is None or at <= pause.until) for pause in clock.pauses
    )


def _end(clock: Clock, calendar: Calendar, wanted: int) -> datetime:
    """The end of the last day wanted; after a pause at least one full day remains."""
    over = max((pause.until for pause in clock.pauses if pause.until), default=None)
    enough = [
        day
        for number, day in enumerate(clock.counted, 1)
        if number >= wanted and not (over and calendar.start_of(day) <= over)
    ]
    assert enough == clock.counted[-1:]
    return calendar.start_of(enough[0] + ONE_DAY)


ALWAYS: Sequence[Callable[[Claim], None]] = (
    at_most_one_clock_binds_a_side,
    the_history_has_no_gaps_and_tells_the_way_to_the_status,
    nothing_is_owed_twice_and_what_has_ended_can_be_over,
    the_consent_clock_runs_on_a_notice_that_arrived,
    what_ended_before_it_was_handed_off_never_is,
    what_was_judged_and_has_ended_is_recalled,
    what_waits_is_woken,
    nobody_unconfirmed_is_asked,
    no_silence_binds_while_a_no_is_looked_at,
    whoever_stands_without_a_clock_is_not_forgotten,
)
SHOWN: Sequence[Callable[[Claim], None]] = (the_page_and_every_query_answer,)
"""These write out all that is shown of a claim, and take longer than all others together."""
