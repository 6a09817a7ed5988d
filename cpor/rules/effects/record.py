"""The record of a claim: kept in the store for the time after the engine has forgotten it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Literal

from pydantic import BaseModel

from cpor.rules import views
from cpor.rules.bookkeeping import cross_off, next_id, owe
from cpor.rules.debt import Debt, Occurrence
from cpor.rules.effects import conflict
from cpor.rules.facts import Instant
from cpor.rules.known import Conflict
from cpor.rules.state import State


class Record(BaseModel):
    """What the activity is given. `run` tells the claim from another that took its id."""

    claim_id: str
    run: str
    record: Mapping[str, Any]
    decided: list[str] = []
    """The records that an operator has looked at: this one may stand beside them."""


class RecordResult(BaseModel):
    outcome: Literal["kept", "refused", "conflict"]
    at: Instant
    detail: str = ""
    conflict: Conflict | None = None
    """A record that is not of this claim's past; nothing was kept."""


class Entries(BaseModel):
    up_to: int


class RecordDebt(Debt[RecordResult]):
    activity = "keep_record"
    result_type: ClassVar[type[BaseModel]] = RecordResult
    comes_last = True

    kind: Literal["record"] = "record"
    facts: Entries

    @property
    def label(self) -> str:
        return "record → store"

    def payment(self, claim: State, run: str) -> Record:
        return Record(
            claim_id=claim.claim_id,
            run=run,
            record=views.record(claim),
            decided=claim.decided,
        )

    def paid(self, claim: State, result: RecordResult, now: datetime) -> Occurrence | None:
        if result.conflict is not None:
            cross_off(claim, self)  # once it is settled, the record has more to tell
            conflict.stop(claim, result.conflict.text, result.conflict.found, now)
        elif result.outcome == "refused":
            self.park(claim, result.detail, now)
        else:
            cross_off(claim, self)
            claim.recorded_up_to = self.facts.up_to


def owe_record(claim: State, now: datetime) -> None:
    """Where one is due: at each no of the customer, once it is handed off, and when it has ended.

    A no is kept at once, whoever passed it on: what the engine's database loses, the store knows.
    """
    at_the_end = claim.is_settled and claim.recorded_up_to < len(claim.history)
    first = claim.handed_off_at is not None and not claim.recorded_up_to and claim.is_at_rest
    if not (at_the_end or first or claim.last_no > claim.recorded_up_to):
        return
    if not claim.is_in_conflict and not any(isinstance(debt, RecordDebt) for debt in claim.debts):
        facts = Entries(up_to=len(claim.history))
        owe(claim, RecordDebt(id=next_id(claim, "record"), since=now, facts=facts))
