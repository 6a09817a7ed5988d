"""What operators read: one line, a page, the labels of timers. No person is named here."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from claims.deadlines import Calendar, Clock, ClockName
from claims.state import State

_WHO_MUST: dict[ClockName, str] = {
    "wait_for_review": "a reviewer must start until",
    "review": "the reviewer must decide until",
    "overall": "a first decision is due until",
    "answer": "the partner must answer until",
    "consent": "the customer may decline until",
    "dispute": "the partner may dispute until",
    "dispute_answer": "a second reviewer must decide until",
}
_WHOSE_TIME: dict[ClockName, str] = {
    "wait_for_review": "the reviewers' time to start",
    "review": "the reviewer's time to decide",
    "overall": "the time for a first decision",
    "answer": "the partner's time to answer",
    "consent": "the customer's time to decline",
    "dispute": "the partner's time to dispute",
    "dispute_answer": "the second reviewer's time to decide",
}
_INSTANT = timedelta(microseconds=1)


def summary(claim: State) -> str:
    count = len(claim.products)
    return f"{claim.claim_id} · {claim.program} · {count} product{'s' if count != 1 else ''}"


def label_of(clock: Clock, calendar: Calendar, reminders: Sequence[datetime] = ()) -> str:
    end = until(clock.end, calendar) if clock.end else ""
    extended = f" + {clock.extended}" if clock.extended else ""
    next_reminder = f"; reminder {calendar.local(reminders[0]):%a %d %b}" if reminders else ""
    return f"{_WHO_MUST[clock.clock]} {end} ({clock.window}{extended}){next_reminder}"


def over(clock: Clock) -> str:
    return f"{_WHOSE_TIME[clock.clock]} is over ({clock.window})"


def unheard_label(at: datetime) -> str:
    return f"people are called {at:%a %d %b %Y %H:%M} UTC, if no notice has reached the customer"


def until(end: datetime, calendar: Calendar) -> str:
    """The last day where the end is a midnight, else the minute."""
    local = calendar.local(end)
    if (local.hour, local.minute, local.second) == (0, 0, 0):
        return f"{local - _INSTANT:%a %d %b %Y}"
    return f"{local:%a %d %b %Y %H:%M} {calendar.zone}"


def details(claim: State) -> str:
    """The claim at a glance, in Markdown."""
    return "\n".join(_lines(claim))


def _lines(claim: State) -> Iterator[str]:
    # The engine drops a workflow's own summary when the claim goes on in a new run.
    yield summary(claim)
    yield ""
    yield f"**{claim.status.value}** · waiting for {claim.waiting_for}"
    yield ""
    for clock in claim.clocks.running():
        yield f"- {label_of(clock, claim.clocks.calendar_of(clock))}"
    if claim.reviewer:
        yield f"- reviewer: `{claim.reviewer}`"
    if claim.status == "Approved":
        yield f"- consent: {claim.consent}; eligibility: {claim.eligibility}"
    if claim.is_overdue:
        yield "- **overdue**: a service level was missed"
    for debt in claim.debts:
        answer = f": {debt.last_answer}" if debt.last_answer else ""
        yield f"- owes since {debt.since:%a %d %b %H:%M} UTC: {debt.label} ({debt.state}){answer}"
    if claim.unkept:
        yield f"- {claim.unkept} refused signals more than there was room to keep"
    for entry in claim.history[-5:]:
        yield f"- {entry.at:%a %d %b %H:%M} UTC {entry.by.role}: {entry.what}"
