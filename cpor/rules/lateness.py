"""Where somebody has to act and no clock says so any more, the lead is told again and again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cpor.rules import contacts
from cpor.rules.debt import Occurrence
from cpor.rules.doubts import is_objected, objections, others
from cpor.rules.effects.notice import NoticeDebt
from cpor.rules.effects.notice_facts import due
from cpor.rules.lifecycle import Status
from cpor.rules.state import State
from cpor.rules.window_ends import business_days_later

SAID_AGAIN = ("overdue", "unreached", "objected", "confirm_contact", "doubted")
NOBODY_ACTS = "nobody acts"
"""The name under which the table hears that nobody has acted, again."""


def settle(claim: State, now: datetime) -> None:
    """From when it stands without a clock until somebody acts."""
    if claim.edition is None or not claim.stands_without_a_clock:
        claim.tell_again_at = None
    elif claim.tell_again_at is None:
        claim.tell_again_at = _next(claim, now)


def occurrence(claim: State, now: datetime) -> Occurrence:
    """Nobody has acted; from now on it is counted anew. What is still owed of it says the same."""
    claim.tell_again_at = _next(claim, now)
    owed = [debt for debt in claim.debts if isinstance(debt, NoticeDebt)]
    same = [debt for debt in owed if debt.recipient == "lead" and debt.notice in SAID_AGAIN]
    return Occurrence(NOBODY_ACTS, "clock", _facts(claim, now), takes_back=same)


def _next(claim: State, now: datetime) -> datetime:
    every = claim.rules_in_force.late.tell_again_every
    return business_days_later(every, now, claim.clocks.calendars.reviewer)


def _facts(claim: State, now: datetime) -> Mapping[str, Any]:
    if claim.status is Status.APPROVED:
        if is_objected(claim):
            return objections(claim)
        return contacts.listed(claim) if contacts.unconfirmed(claim) else others(claim)
    missed = [clock for clock in claim.clocks.ledger if clock.state == "ran_out"]
    reviewers = [clock for clock in missed if clock.window.side == "reviewer"]
    if not reviewers:
        return {}
    last = max(reviewers, key=lambda clock: clock.end or now)
    return {"clock": last.clock, "since": due(claim, last)}
