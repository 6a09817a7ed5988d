"""What all calls to the associations of a claim's tenant share: they are numbered and answered.

Only the newest call counts. So owing one crosses off those before it, and a claim that says `enter`
holds nothing until it is awarded what it asks for.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import BaseModel

from cpor.rules import rivalry
from cpor.rules.associations.calls import Answer, AnyCall
from cpor.rules.associations.items import items_of
from cpor.rules.associations.telling import CALL, Called
from cpor.rules.bookkeeping import cross_off, next_id, owe
from cpor.rules.debt import Debt
from cpor.rules.state import State

if TYPE_CHECKING:
    from cpor.rules.effects.award import AwardDebt
    from cpor.rules.effects.enter import EnterDebt
    from cpor.rules.effects.release import ReleaseDebt

    AnyCallDebt = EnterDebt | AwardDebt | ReleaseDebt


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

    def asks(self, claim: State, result: Answer, now: datetime) -> None:
        """It is known there, and has learned who else is."""
        claim.items.answered = self.number
        rivalry.learn(claim, result, now)

    def catch_up(self, claim: State, result: Answer) -> None:
        """A claim that was taken back to an earlier point has said more than it knows of."""
        claim.items.calls = max(claim.items.calls, result.last)


def ask_anew(claim: State) -> None:
    """Answers that are still on the way no longer count, so what was asked is asked again."""
    for debt in [each for each in owed(claim) if each.begun]:
        cross_off(claim, debt)
        again = {"id": next_id(claim, debt.kind), "begun": False, "state": "owed"}
        owe(claim, debt.model_copy(update=again))


def items(claim: State) -> list[str]:
    return items_of(claim.products)


def proofs(claim: State) -> list[str]:
    """What it rests on."""
    return [file.sha256 for file in claim.evidence if file.is_there]


def owed(claim: State) -> list[AnyCallDebt]:
    return [debt for debt in claim.debts if isinstance(debt, CallDebt)]


def next_number(claim: State, now: datetime, behind: Collection[AnyCallDebt] = ()) -> int:
    """Of a new call; those before it are owed no more, but for those that it waits behind.

    It grows with time: so a claim that is opened again under the id of one that is over, or taken
    back to an earlier point of its life, is never taken for the one before.
    """
    cross_off(claim, *(debt for debt in owed(claim) if debt not in behind))
    claim.items.calls = max(claim.items.calls + 1, int(now.timestamp() * 1000))
    return claim.items.calls
