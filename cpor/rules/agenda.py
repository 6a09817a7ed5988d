"""What time does to a claim: windows end, people are reminded, patience with the mail ends."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from operator import itemgetter

from cpor.rules import association, current_details, lateness
from cpor.rules.bookkeeping import note, reject
from cpor.rules.deadlines import Clock, Window
from cpor.rules.debt import Occurrence
from cpor.rules.debts import give_up, given_up_at, settle
from cpor.rules.disputes import decide_dispute
from cpor.rules.effects import consent, result
from cpor.rules.effects.notice import forget_reminders
from cpor.rules.effects.notice_facts import due
from cpor.rules.history import CLAIM_ITSELF, Ground
from cpor.rules.lifecycle import runs_out, soon_ends
from cpor.rules.reminders import upcoming
from cpor.rules.state import State
from cpor.rules.transitions import end, follow, happens, row_of, step
from cpor.rules.window_ends import end_of

TIMERS_MAY_BE_LATE = timedelta(hours=1)
"""Later is no slow timer but an outage."""
_TOLD_AGAIN = "the lead is told again if nobody has acted"
_ASKED_FOR = "the incentive engine is asked for its result"
LEFT_BY_A_REMINDER = Window(amount=2, unit="business days", side="partner")

Entry = tuple[datetime, Callable[[], str]]
"""When, and the label, which is written out for the first of them only."""


@dataclass(frozen=True)
class Wake:
    """When the claim wants to be woken, and what for."""

    at: datetime
    label: str


def next_wake(claim: State) -> Wake | None:
    """The next instant at which something happens by itself."""
    first = _first(claim)
    return Wake(first[0], first[1]()) if first else None


def wakes_at(claim: State) -> datetime | None:
    """The same without the label, which takes longer than all else of it."""
    first = _first(claim)
    return first[0] if first else None


def _first(claim: State) -> Entry | None:
    if claim.is_in_conflict:
        return None
    return min(_entries(claim), key=itemgetter(0), default=None)


def tick(claim: State, now: datetime) -> None:
    """Everything that was to happen until now, in its order."""
    if claim.is_in_conflict:
        return
    for clock in claim.clocks.running():
        _mend_silence(claim, clock, now)
        if clock.end is not None and clock.end <= now and clock.state == "running":
            _run_out(claim, clock, now)
    for clock in claim.clocks.running():
        if any(at <= now for at in _reminders(claim, clock)):
            _remind(claim, clock, now)
    if claim.escalate_at is not None and claim.escalate_at <= now:
        since, claim.escalate_at = claim.escalate_at - consent.PATIENCE, None
        text = "no notice reached the customer in 30 days"
        note(claim, "escalated", text, CLAIM_ITSELF, now)
        happens(claim, Occurrence("notice unheard", "clock", {"since": since}), now)
    if claim.tell_again_at is not None and claim.tell_again_at <= now:
        happens(claim, lateness.occurrence(claim, now), now)
    if claim.result_due_at is not None and claim.result_due_at <= now:
        result.miss(claim, now)
    for debt in claim.debts:
        if debt.paused_until is not None and debt.paused_until <= now:
            debt.paused_until = None
    give_up(claim, now)
    settle(claim, now)


def _entries(claim: State) -> list[Entry]:
    entries: list[Entry] = []
    for clock in claim.clocks.running():
        reminders = _reminders(claim, clock)
        calendar = claim.clocks.calendar_of(clock)
        label = partial(current_details.label_of, clock, calendar, reminders)
        ends = [clock.end] if clock.end else []
        entries += [(at, label) for at in [*reminders, *ends]]
    if (at := claim.escalate_at) and not consent.wakes_before(claim, at):
        entries.append((at, partial(current_details.unheard_label, at)))
    if claim.tell_again_at is not None:
        entries.append((claim.tell_again_at, lambda: _TOLD_AGAIN))
    if claim.result_due_at is not None:
        entries.append((claim.result_due_at, lambda: _ASKED_FOR))
    for debt in claim.debts:
        if debt.paused_until is not None:
            entries.append((debt.paused_until, partial("{0.label} is tried again".format, debt)))
        if (until := given_up_at(claim, debt)) is not None:
            entries.append((until, partial("{0.label} is given up".format, debt)))
    return entries


def _reminders(claim: State, clock: Clock) -> list[datetime]:
    return upcoming(clock, claim.clocks.calendar_of(clock), claim.rules_in_force.reminders)


def _run_out(claim: State, clock: Clock, now: datetime) -> None:
    clock.run_out()
    row = row_of(claim, runs_out(clock.clock), "clock")
    facts: dict[str, object] = {}
    note(claim, "clock", current_details.over(clock), CLAIM_ITSELF, now)
    if row is None:
        return
    match clock.clock:
        case "answer":
            _reject_unanswered(claim, now, step(claim, row))
            facts = {"outcome": "rejected"}
        case "consent":
            association.begin(claim, clock.end or now, now)
        case "dispute":
            end(claim, clock.end or now)
        case _:
            facts = {"clock": clock.clock, "since": due(claim, clock)}
    follow(claim, row, now, facts, at=_at(clock, now))


def _at(clock: Clock, now: datetime) -> datetime:
    """When what follows begins: as this window ended, and not when its timer rang.

    After a long silence it begins now: nobody loses time in which nothing could be known.
    """
    rang_late = clock.end is None or now - clock.end > TIMERS_MAY_BE_LATE
    return now if rang_late or clock.end is None else clock.end


def _mend_silence(claim: State, clock: Clock, now: datetime) -> None:
    """An outage covered reminder and end: the partner gets the days that a reminder leaves."""
    if clock.clock != "answer" or clock.end is None or now - clock.end <= TIMERS_MAY_BE_LATE:
        return
    missed = _reminders(claim, clock)
    if not missed or len(missed) < len(claim.rules_in_force.reminders.business_days_before):
        return
    calendar = claim.clocks.calendar_of(clock)
    claim.clocks.promise(clock, end_of(LEFT_BY_A_REMINDER, now, calendar))
    text = "nobody could be reminded in time: two business days more to answer"
    note(claim, "clock", text, CLAIM_ITSELF, now)
    _remind(claim, clock, now)


def _reject_unanswered(claim: State, now: datetime, changes: dict[str, object]) -> None:
    reasons = [Ground(reason="no_partner_response")]
    lost = decide_dispute(claim)
    if lost:
        reasons.append(Ground(reason="dispute_lost"))
    reject(claim, reasons)
    text = "rejected: no partner response" + (", so the dispute is lost" if lost else "")
    note(claim, "reject", text, CLAIM_ITSELF, now, changes)


def _remind(claim: State, clock: Clock, now: datetime) -> None:
    calendar = claim.clocks.calendar_of(clock)
    clock.quiet_until = now
    forget_reminders(claim)
    if clock.end is None:
        return
    facts = {
        "clock": clock.clock,
        "due": due(claim, clock),
        "last_day": calendar.day_of(now) == calendar.last_day_before(clock.end),
        "unsent": claim.has_unsent_changes,
        "reviewer": claim.reviewer,
    }
    happens(claim, Occurrence(soon_ends(clock.clock), "clock", facts), now)
