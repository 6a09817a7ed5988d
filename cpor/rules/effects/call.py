"""What all calls to the associations of a claim's tenant share: they are numbered and answered.

Only the newest call counts. So owing one crosses off those before it, and a claim that says `enter`
holds nothing until it is awarded what it asks for.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Any, ClassVar

from pydantic import BaseModel

from cpor.rules.associations.calls import Answer, AnyCall
from cpor.rules.associations.items import items_of
from cpor.rules.associations.telling import CALL, Called
from cpor.rules.bookkeeping import cross_off
from cpor.rules.debt import Debt
from cpor.rules.state import State


class CallDebt(Debt[Answer]):
    activity = CALL
    result_type: ClassVar[type[BaseModel]] = Answer

    number: int

    def payment(self, claim: State, run: str) -> Called:
        return Called(call=self.call(claim))

    @abstractmethod
    def call(self, claim: State) -> AnyCall: ...

    def common(self, claim: State) -> dict[str, Any]:
        return {
            "tenant_id": claim.customer.tenant_id,
            "claim_id": claim.claim_id,
            "round": self.number,
            "at": self.since,
        }


def items(claim: State) -> list[str]:
    return items_of(claim.products)


def next_number(claim: State) -> int:
    """Of a new call; those before it are owed no more."""
    cross_off(claim, *(debt for debt in claim.debts if isinstance(debt, CallDebt)))
    claim.items.calls += 1
    return claim.items.calls


def learn(claim: State, answer: Answer) -> None:
    """Who else is about the same items, and who was before."""
    known = claim.items
    known.rivals, known.more_rivals = answer.rivals, answer.more_rivals
    known.earlier = answer.earlier


def in_words(claim: State) -> str:
    """Who is in the way, for the history."""
    held = [each.claim_id for each in claim.items.rivals if each.holds]
    asked = [each.claim_id for each in claim.items.rivals if not each.holds]
    parts = [
        f"{', '.join(found)} {what}"
        for found, what in ((held, "holds items of this claim"), (asked, "asks for items of it"))
        if found
    ]
    return "; ".join(parts)
