"""An approved claim is awarded all its items, or it is not approved.

Until then nobody is told of the approval: neither customer nor partner nor portal. Where another
claim was faster the claim goes back to its reviewer.
"""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from pydantic import Field

from cpor.rules import rivalry
from cpor.rules.associations.calls import Answer, Award
from cpor.rules.bookkeeping import cross_off, next_id, note, owe
from cpor.rules.debt import Occurrence
from cpor.rules.effects import call, enter
from cpor.rules.effects.call import CallDebt
from cpor.rules.effects.enter import EnterDebt
from cpor.rules.history import CLAIM_ITSELF, EVERYBODY, REVIEWERS
from cpor.rules.state import State

LOST = "award lost"
"""The name under which the table hears that another claim was faster."""


class AwardDebt(CallDebt):
    kind: Literal["award"] = "award"
    displaces: list[str] = Field(default_factory=list)
    reviewer: str | None = None
    """Who approved."""

    @property
    def label(self) -> str:
        return "items: be awarded them"

    def must_wait(self, claim: State) -> bool:
        """It asked first, or asks again."""
        return any(isinstance(debt, EnterDebt) for debt in claim.debts)

    def call(self, claim: State) -> Award:
        return Award(
            **self.common(claim),
            items=call.items(claim),
            displaces=self.displaces,
            reviewer=self.reviewer,
        )

    def paid(self, claim: State, result: Answer, now: datetime) -> Occurrence | None:
        cross_off(claim, self)
        match result.outcome:
            case "granted":
                claim.items.standing, claim.items.since = "holds", self.since
                self.asks(claim, result, now)
                said = "the claim is approved and holds its items"
                note(claim, "awarded", said, CLAIM_ITSELF, now, sight=EVERYBODY)
                return None
            case "never_entered" | "overtaken":
                self.catch_up(claim, result)
                said = "asks for its items again: the tenant's associations did not know of it"
                note(claim, "rivals", said, CLAIM_ITSELF, now, sight=REVIEWERS)
                enter.ask(claim, now)
                ask(claim, self.displaces, now)
                return None
            case _:
                self.asks(claim, result, now)
                who = rivalry.holders(claim)
                by = f"{', '.join(who)} holds an item of it" if who else "an item was taken"
                said = f"the approval is taken back, and nobody was told of it: {by}"
                facts = {"because": "award_lost"}
                return Occurrence(LOST, "associations", facts, said, sight=REVIEWERS)


def ask(claim: State, displaces: list[str], now: datetime) -> None:
    """Before anybody is told of the approval. What it was to ask for is said first."""
    if claim.one_holder:
        asks_first = [debt for debt in call.owed(claim) if isinstance(debt, EnterDebt)]
        number = call.next_number(claim, now, behind=asks_first)
        debt = AwardDebt(
            id=next_id(claim, "award"),
            since=now,
            number=number,
            displaces=displaces,
            reviewer=claim.reviewer,
        )
        owe(claim, debt)
