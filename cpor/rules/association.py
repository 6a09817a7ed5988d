"""The partner's link to the customer: handed on, ended, and then recalled if it was handed on."""

from __future__ import annotations

from datetime import datetime

from cpor.rules import portal_events
from cpor.rules.effects import Debt, HandOffResult
from cpor.rules.history import CLAIM_ITSELF, Ground
from cpor.rules.transitions import Course


def taken(claim: Course, debt: Debt, result: HandOffResult, now: datetime) -> None:
    """The incentive engine has the hand-off, or the recall."""
    if debt.kind == "recall":
        claim.eligibility = "recalled"
        return claim.note("recalled", "the hand-off was recalled", CLAIM_ITSELF, now)
    _arrived(claim, result.at, now)


def judged(claim: Course, now: datetime) -> None:
    """Whoever judges the hand-off has it, whatever its delivery was answered."""
    if claim.handed_off_at is None:
        claim.cross_off(*(debt.id for debt in claim.debts if debt.kind == "hand_off"))
        _arrived(claim, now, now)


def end(claim: Course, why: Ground, now: datetime) -> None:
    """It was official and is no more. What was handed on is recalled; what was not, never is."""
    claim.rejected_for([why])
    claim.recall_for = why.reason
    portal_events.of_association(claim, portal_events.ENDED, now, now)
    hand_off = next((debt for debt in claim.debts if debt.kind == "hand_off"), None)
    if claim.handed_off_at is not None:
        _owe_recall(claim, now)
    elif hand_off is not None and (hand_off.state == "parked" or not hand_off.begun):
        claim.cross_off(hand_off.id)
        never_handed_off(claim, "the association ended before it was", now)


def is_recalled(claim: Course) -> bool:
    """Once it has ended: was it handed on, or is it on its way?"""
    return claim.handed_off_at is not None or any(d.kind == "hand_off" for d in claim.debts)


def _arrived(claim: Course, at: datetime, now: datetime) -> None:
    claim.handed_off_at, claim.eligibility = at, "sent"
    claim.note("handed_off", "handed on to be judged for incentives", CLAIM_ITSELF, now)
    claim.happens("hand-off taken", "incentive engine", now, {"at": at})
    if claim.recall_for is not None:
        _owe_recall(claim, now)


def never_handed_off(claim: Course, why: str, now: datetime) -> None:
    claim.note("crossed_off", f"the hand-off is not tried again: {why}", CLAIM_ITSELF, now)


def _owe_recall(claim: Course, now: datetime) -> None:
    """The same event again, with the id of the first one and why it no longer holds."""
    first = f"{claim.claim_id}.ready.{claim.rounds['ready']}"
    facts = {**claim.handed_over, "recalls": first, "reason": claim.recall_for}
    claim.owe_effect("recall", "recalled", now, facts)
