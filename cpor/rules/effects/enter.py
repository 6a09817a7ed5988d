"""A claim asks for its items: at first submission, and whenever it asks for others.

It waits for nothing, and nobody waits for it but the award. The reviewers read who else is about
the same items, and how earlier claims ended.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Literal

from cpor.rules.associations.calls import Answer, Enter
from cpor.rules.bookkeeping import cross_off, next_id, owe
from cpor.rules.effects import call
from cpor.rules.effects.call import CallDebt
from cpor.rules.state import State

ASKS_FOR = frozenset({"mpn_id", "products"})
"""The fields that the call is made of."""


class EnterDebt(CallDebt):
    kind: Literal["enter"] = "enter"

    @property
    def label(self) -> str:
        return "items: ask for them"

    def call(self, claim: State) -> Enter:
        return Enter(
            **self.common(claim),
            mpn_id=claim.partner.mpn_id,
            items=call.items(claim),
            first_submitted_at=claim.first_submitted_at or self.since,
            proof_at=claim.items.proof_at,
            proofs=call.proofs(claim),
        )

    def paid(self, claim: State, result: Answer, now: datetime) -> None:
        cross_off(claim, self)
        if result.outcome != "overtaken":
            self.asks(claim, result, now)
            return
        waiting = call.owed(claim)
        self.catch_up(claim, result)
        ask(claim, now)
        for debt in waiting:
            number = call.next_number(claim, now, behind=call.owed(claim))
            again = {"id": next_id(claim, debt.kind), "number": number}
            owe(claim, debt.model_copy(update=again))


def ask(claim: State, now: datetime) -> None:
    """For what it claims now. What it held before is free again."""
    if claim.one_holder and claim.first_submitted_at is not None:
        claim.items.standing, claim.items.since = "asks", None
        claim.items.proof_at = claim.proof_at
        number = call.next_number(claim, now)
        owe(claim, EnterDebt(id=next_id(claim, "enter"), since=now, number=number))


def edited(claim: State, fields: Collection[str], now: datetime) -> None:
    """It asks for something else now, or somebody else does."""
    if claim.edition is not None and not ASKS_FOR.isdisjoint(fields):
        ask(claim, now)


def submitted_again(claim: State, now: datetime) -> None:
    """With newer proof: others are to know how old it is."""
    if claim.edition is not None and claim.items.proof_at != claim.proof_at:
        ask(claim, now)
