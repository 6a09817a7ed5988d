"""The result that the incentive engine owes for a hand-off: where it does not come, it is asked.

A result may get lost on its way, and nobody would miss it. So the claim owes a question from then
on, again and again, until the engine has answered or there is nothing left to judge.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from cpor.rules.bookkeeping import cross_off, next_id, note, owe
from cpor.rules.debt import plain
from cpor.rules.effects import conflict
from cpor.rules.effects.events import ComparedEvent, Delivery
from cpor.rules.history import CLAIM_ITSELF, REVIEWERS
from cpor.rules.known import Conflict
from cpor.rules.state import State
from cpor.rules.window_ends import business_days_later

ASKED_AGAIN = "cpor.claim.asked-again"


class ResultDebt(Delivery):
    """Late from the beginning: it says that something is missing."""

    activity = "hand_off"

    kind: Literal["result"] = "result"

    @property
    def label(self) -> str:
        return "question for the result → incentive engine"

    @property
    def counted_as(self) -> str:
        return self.kind

    def payment(self, claim: State, run: str) -> ComparedEvent:
        return ComparedEvent(
            id=self.id,
            type=ASKED_AGAIN,
            subject=claim.claim_id,
            time=self.since,
            data=plain({**claim.handed_over, "asks_again": claim.handed_over_as}),
            known=conflict.known(claim, self.id),
        )

    def taken(self, claim: State, at: datetime, now: datetime) -> None:
        """It has the question, and not answered yet: the next one has another id."""
        _owe(claim, self.since, f"{self.id} was taken, and is not answered yet", _due(claim, now))

    def in_conflict(self, claim: State, found: Conflict) -> None:
        cross_off(claim, self)
        _owe(claim, self.since)


def expect(claim: State, now: datetime) -> None:
    """The engine has the hand-off."""
    claim.result_due_at = _due(claim, now)


def miss(claim: State, now: datetime) -> None:
    """No result has come in time."""
    claim.result_due_at = None
    days = f"{claim.result_days} business day{'s' if claim.result_days > 1 else ''}"
    text = f"no result {days} after the hand-off: the incentive engine is asked again"
    note(claim, "asked_again", text, CLAIM_ITSELF, now, sight=REVIEWERS)
    _owe(claim, now)


def forget(claim: State) -> None:
    """It has come, or is wanted no more."""
    claim.result_due_at = None
    cross_off(claim, *(debt for debt in claim.debts if isinstance(debt, ResultDebt)))


def _due(claim: State, now: datetime) -> datetime | None:
    if not claim.result_days:
        return None
    return business_days_later(claim.result_days, now, claim.clocks.calendars.reviewer)


def _owe(
    claim: State, since: datetime, said: str | None = None, until: datetime | None = None
) -> None:
    debt = ResultDebt(
        id=next_id(claim, "asked"),
        since=since,
        state="late",
        last_answer=said,
        paused_until=until,
    )
    owe(claim, debt)
