"""The store knows what the claim does not: the claim stops until an operator has decided.

Nothing is sent and no time runs out meanwhile. What people say is heard, a customer's no above all.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar, Literal

from pydantic import BaseModel

from cpor.rules.bookkeeping import cross_off, next_id, note, owe
from cpor.rules.debt import Debt, in_short
from cpor.rules.history import CLAIM_ITSELF, REVIEWERS
from cpor.rules.known import Known, marks
from cpor.rules.own_ids import DECLINE
from cpor.rules.state import State


class Decision(BaseModel):
    """Nothing comes back from outside: a person decides."""


class Sides(BaseModel):
    """What the operator has to compare."""

    store: str
    claim: str
    found: list[str]


class ConflictDebt(Debt[Decision]):
    activity = ""
    result_type: ClassVar[type[BaseModel]] = Decision
    stops_all = True

    kind: Literal["conflict"] = "conflict"
    facts: Sides

    @property
    def label(self) -> str:
        return "conflict between store and claim"

    def payment(self, claim: State, run: str) -> BaseModel:
        raise AssertionError("a conflict is decided by a person")

    def paid(self, claim: State, result: Decision, now: datetime) -> None:
        raise AssertionError("a conflict is decided by a person")


def known(claim: State, before: str = "") -> Known:
    """What the claim knows, when it is about to send the event of this id."""
    rounds = {name: claim.rounds.get(name, 0) for name in ("ready", "recalled", "asked")}
    events = [
        f"{claim.claim_id}.{name}.{number}"
        for name, count in rounds.items()
        for number in range(1, count + 1)
    ]
    said = (answer.receipt for answer in claim.receipts.values())
    return Known(
        marks=marks(claim.history),
        noes=[each.id for each in said if each.id.startswith(DECLINE)],
        events=[event for event in events if event != before],
        decided=claim.decided,
    )


def stop(claim: State, text: str, found: Sequence[str], now: datetime) -> None:
    """The claim stands still; a conflict that it stands in already grows by what is new."""
    new = [each for each in found if each not in claim.decided]
    before = standing(claim)
    if before is not None:
        if more := [each for each in new if each not in before.facts.found]:
            before.facts.found += more
            before.last_answer = in_short(f"{before.last_answer}; and {text}")
            said = f"also: the store has {in_short(text)}"
            note(claim, "conflict", said, CLAIM_ITSELF, now, sight=REVIEWERS)
        return
    sides = Sides(store=in_short(text), claim=_in_words(claim), found=new)
    said = f"the store has {sides.store}; the claim is {sides.claim}"
    debt = ConflictDebt(
        id=next_id(claim, "conflict"),
        since=now,
        state="parked",
        parked_at=now,
        last_answer=said,
        facts=sides,
    )
    owe(claim, debt)
    note(claim, "conflict", f"stopped: {said}", CLAIM_ITSELF, now, sight=REVIEWERS)


def standing(claim: State) -> ConflictDebt | None:
    return next((debt for debt in claim.debts if isinstance(debt, ConflictDebt)), None)


def decide(claim: State) -> None:
    """What was found is known from now on."""
    if debt := standing(claim):
        claim.decided += debt.facts.found
        cross_off(claim, debt)


def _in_words(claim: State) -> str:
    return (
        f"{claim.status.value}, consent {claim.consent}, eligibility {claim.eligibility}; "
        f"{len(claim.history)} entries"
    )
