"""The hand-off to the incentive engine, and its recall.

An association that became official is handed off once. If it ends after that, the hand-off is
recalled; what was never handed off never is.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from cpor.rules.bookkeeping import cross_off, next_id, note, owe
from cpor.rules.debt import Occurrence, in_short, plain
from cpor.rules.doubts import open_doubts
from cpor.rules.effects import conflict, result
from cpor.rules.effects.events import ComparedEvent, Delivery, Event
from cpor.rules.history import CLAIM_ITSELF
from cpor.rules.known import Conflict
from cpor.rules.state import State

READY = "cpor.claim.ready-for-eligibility"
RECALLED = "cpor.claim.recalled"


class HandOffDebt(Delivery):
    activity = "hand_off"

    kind: Literal["hand_off"] = "hand_off"
    facts: Mapping[str, Any] = {}
    recalled_for: str | None = None
    """Why the association ended that it was for, where the claim has begun another since."""

    @property
    def label(self) -> str:
        return "hand-off → incentive engine"

    @property
    def counted_as(self) -> str:
        return self.kind

    def must_wait(self, claim: State) -> bool:
        """While a reviewer has to answer a doubt, what was not tried yet is not."""
        return not self.begun and bool(open_doubts(claim))

    def begin(self, claim: State) -> None:
        super().begin(claim)
        self.facts = self.facts or _ready(claim)
        if not self.recalled_for:
            claim.handed_over, claim.handed_over_as = self.facts, self.id

    def payment(self, claim: State, run: str) -> ComparedEvent:
        return ComparedEvent(
            id=self.id,
            type=READY,
            subject=claim.claim_id,
            time=claim.official_since or self.since,
            data=self.facts,
            known=conflict.known(claim, self.id),
        )

    def taken(self, claim: State, at: datetime, now: datetime) -> Occurrence | None:
        if self.recalled_for is None:
            return _arrived(claim, at, now)
        _recall(claim, self.id, self.facts, self.recalled_for, now)
        return None

    def in_conflict(self, claim: State, found: Conflict) -> None:
        """What was sent with another content needs an id of its own, and was not sent as it is."""
        if found.sent == "otherwise":
            _renumber(claim, self, "ready")
        if found.sent != "so" and not self.recalled_for:
            claim.handed_over = {}

    def park(self, claim: State, answer: str, now: datetime) -> None:
        """What is refused after the association ended is wanted no more."""
        if claim.recall_for or self.recalled_for:
            _drop(claim, self, f"it was refused: {in_short(answer)}", now)
        else:
            super().park(claim, answer, now)


class RecallDebt(Delivery):
    activity = "hand_off"

    kind: Literal["recall"] = "recall"
    facts: Mapping[str, Any]

    @property
    def label(self) -> str:
        return "recall → incentive engine"

    @property
    def counted_as(self) -> str:
        return self.kind

    def payment(self, claim: State, run: str) -> Event:
        return Event(
            id=self.id,
            type=RECALLED,
            subject=claim.claim_id,
            time=self.since,
            data=self.facts,
        )

    def in_conflict(self, claim: State, found: Conflict) -> None:
        _renumber(claim, self, "recalled")

    def taken(self, claim: State, at: datetime, now: datetime) -> None:
        if claim.recall_for:
            claim.eligibility = "recalled"
        note(claim, "recalled", "the hand-off was recalled", CLAIM_ITSELF, now)


def owe_hand_off(claim: State, now: datetime) -> None:
    """A revenue association is recognition only."""
    if claim.activity != "revenue-association":
        owe(claim, HandOffDebt(id=next_id(claim, "ready"), since=now))


def judged(claim: State, now: datetime) -> Occurrence | None:
    """A result shows that the hand-off arrived, even if its delivery seemed to fail."""
    if claim.handed_off_at is not None:
        return None
    cross_off(claim, *_owed(claim))
    return _arrived(claim, now, now)


def end(claim: State, why: str, now: datetime) -> None:
    """What was handed off is recalled; what was not even tried is crossed off."""
    claim.recall_for = why
    result.forget(claim)
    if claim.handed_off_at is not None:
        _owe_recall(claim, now)
        return
    for debt in _owed(claim):
        if debt.state == "parked" or not debt.begun:
            _drop(claim, debt, "the association ended before it was", now)


def begin_anew(claim: State) -> None:
    """The association ended, and its claim is approved once more: what was handed off then stays
    recalled, and what is still on its way is recalled once it has arrived."""
    for debt in _owed(claim):
        debt.recalled_for = claim.recall_for
    claim.handed_off_at, claim.recall_for, claim.handed_over = None, None, {}
    claim.eligibility = "none"


def is_recalled(claim: State) -> bool:
    """Once the association has ended: was it handed off, or is it on its way?"""
    return claim.handed_off_at is not None or bool(_owed(claim))


def _arrived(claim: State, at: datetime, now: datetime) -> Occurrence:
    claim.handed_off_at, claim.eligibility = at, "sent"
    note(claim, "handed_off", "handed on to be judged for incentives", CLAIM_ITSELF, now)
    if claim.recall_for is not None:
        _owe_recall(claim, now)
    else:
        result.expect(claim, now)
    return Occurrence("hand-off taken", "incentive engine", {"at": at})


def _drop(claim: State, debt: HandOffDebt, why: str, now: datetime) -> None:
    cross_off(claim, debt)
    text = f"the hand-off is not tried again: {why}"
    note(claim, "crossed_off", text, CLAIM_ITSELF, now)


def _renumber(claim: State, debt: HandOffDebt | RecallDebt, name: str) -> None:
    cross_off(claim, debt)
    owe(claim, debt.model_copy(update={"id": next_id(claim, name), "begun": False}))


def _owe_recall(claim: State, now: datetime) -> None:
    _recall(claim, claim.handed_over_as, claim.handed_over, claim.recall_for, now)


def _recall(
    claim: State, first: str, said: Mapping[str, Any], why: str | None, now: datetime
) -> None:
    """The same event again, with the id of the first one and why it no longer holds."""
    facts = plain({**said, "recalls": first, "reason": why})
    owe(claim, RecallDebt(id=next_id(claim, "recalled"), since=now, facts=facts))


def _owed(claim: State) -> list[HandOffDebt]:
    """Of the association that the claim is about now."""
    of_now = (debt for debt in claim.debts if isinstance(debt, HandOffDebt))
    return [debt for debt in of_now if debt.recalled_for is None]


def _ready(claim: State) -> Mapping[str, Any]:
    return plain(
        {
            "claim_id": claim.claim_id,
            "program": claim.program,
            "activity": claim.activity,
            "edition": claim.edition,
            "mpn_id": claim.partner.mpn_id,
            "tenant_id": claim.customer.tenant_id,
            "products": [product.model_dump() for product in claim.products],
            "evidence": [file.sha256 for file in claim.evidence if file.is_there],
            "first_submitted_at": claim.first_submitted_at,
            "approved_at": claim.approved_at,
            "consent_lapsed_at": claim.official_since,
        }
    )
