"""What operators say: who reviews, more time, another try."""

from __future__ import annotations

from datetime import datetime

from cpor.rules.action import Action
from cpor.rules.deadlines import MOST_EXTENDED, Clock, ClockName
from cpor.rules.debts import owe_again
from cpor.rules.effects import conflict
from cpor.rules.errors import Refused
from cpor.rules.four_eyes import check_reviewer
from cpor.rules.history import REVIEWERS
from cpor.rules.lifecycle import lifecycle
from cpor.rules.messages import Assign, Extend, ReportConflict, ResolveConflict, Retry
from cpor.rules.state import State


def check_assign(claim: State, message: Assign) -> None:
    check_reviewer(claim, message.reviewer)


def assign(claim: State, message: Assign, now: datetime) -> Action:
    before, claim.reviewer = claim.reviewer, message.reviewer
    return Action(
        f"Assigned to {message.reviewer}.",
        f"assigned the claim to {message.reviewer}",
        {"reviewer": [before, message.reviewer]},
        facts={"reviewer": message.reviewer},
        follows=before != message.reviewer,
    )


def check_extend(claim: State, message: Extend) -> None:
    clock = _to_extend(claim, message.clock)
    if clock.extended + message.business_days > MOST_EXTENDED:
        raise Refused(
            "too_much",
            f"{clock.clock} can be extended by {MOST_EXTENDED} business days in all, "
            f"and has {clock.extended} already",
        )


def _to_extend(claim: State, asked: ClockName | None) -> Clock:
    name = asked or lifecycle().clocks[claim.status].runs[0]
    clock = claim.clocks.latest(name)
    if clock is None or not clock.can_be_extended:
        why = "it stands until a notice arrives and then begins anew in full"
        state = why if clock and clock.state == "held" else "it is not running"
        raise Refused("wrong_status", f"{name} cannot be extended now: {state}")
    return clock


def extend(claim: State, message: Extend, now: datetime) -> Action:
    clock = _to_extend(claim, message.clock)
    before = claim.end_of(clock)
    claim.clocks.extend(clock, message.business_days, now)
    days = f"{message.business_days} business day{'s' if message.business_days > 1 else ''}"
    return Action(
        f"Extended by {days}.",
        f"gave {days} more on {clock.clock}: {message.why}",
        {f"{clock.clock}.end": [_written(before), _written(claim.end_of(clock))]},
        facts={
            "clock": clock.clock,
            "days": message.business_days,
            "why": message.why if clock.window.side != "customer" else None,
        },
    )


def report_conflict(claim: State, message: ReportConflict, now: datetime) -> Action:
    """What has been decided already stops nothing."""
    new = [each for each in message.found if each not in claim.decided]
    if not new:
        return Action("This was decided before; nothing changes.", "")
    conflict.stop(claim, message.text, new, now)
    return Action("The claim stands still until you decide.", "", sight=REVIEWERS)


def resolve_conflict(claim: State, message: ResolveConflict, now: datetime) -> Action:
    conflict.decide(claim)
    return Action(
        "The claim goes on as it is.",
        f"decided for the claim, whatever else the store has: {message.why}",
        sight=REVIEWERS,
    )


def _written(at: datetime | None) -> str | None:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ") if at else None


def retry(claim: State, message: Retry, now: datetime) -> Action:
    again = owe_again(claim, now)
    if not again:
        return Action("Nothing is parked.", "retried, nothing was parked", sight=REVIEWERS)
    return Action(
        f"Tried again: {', '.join(again)}.", f"retried {', '.join(again)}", sight=REVIEWERS
    )
