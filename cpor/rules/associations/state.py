"""What is known of one tenant's items. It can be dumped and loaded as a whole, and stays small."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel

from cpor.rules.associations.calls import Earlier
from cpor.rules.facts import Instant

Standing = Literal["none", "asks", "holds"]
Told = Literal["displaced", "item_free", "rivals"]

MOST_OPEN = 400
"""The most claims of a tenant that can hold or ask for items at the same time."""


class Interest(BaseModel):
    """What an open claim asks for, whether it holds it or not."""

    round: int
    heard: str
    """Its last call."""
    mpn_id: str
    items: list[str]
    first_submitted_at: Instant
    proof_at: Instant | None = None
    proofs: list[str] = []


class Holder(BaseModel):
    claim_id: str
    since: Instant


class News(BaseModel):
    """What a claim is told without having asked. If it is told again, the id is the same."""

    id: str
    kind: Told
    to: str
    """The claim."""
    round: int
    """The number of that claim's last call. A claim that has called again since knows better."""
    items: list[str]
    by: str
    """The claim that has the items now, or had them, or asks for them."""
    reviewer: str | None = None
    """Whose approval it was."""
    at: Instant


class ByHand(BaseModel):
    """A call that did not come from a worker. It was refused, and noted here."""

    what: str
    at: Instant


class State(BaseModel):
    tenant_id: str
    step: int = 0
    """The number of the last change. After a loss it begins above every number used before."""
    claims: dict[str, Interest] = {}
    """By id: who asks or holds."""
    holders: dict[str, Holder] = {}
    """By item: so none has two."""
    earlier: list[Earlier] = []
    """Oldest first."""
    departed: dict[str, int] = {}
    """Claims that left, and the number of their last call: an earlier call comes too late."""
    news: list[News] = []
    refused: list[ByHand] = []
    """The last ones."""

    # Read off

    def standing(self, claim_id: str) -> Standing:
        if claim_id not in self.claims:
            return "none"
        return "holds" if self.held_by(claim_id) else "asks"

    def held_by(self, claim_id: str) -> list[str]:
        return [item for item, each in self.holders.items() if each.claim_id == claim_id]

    def holders_of(self, items: Iterable[str]) -> set[str]:
        return {self.holders[item].claim_id for item in items if item in self.holders}

    def round_of(self, claim_id: str) -> int:
        known = self.claims.get(claim_id)
        return known.round if known else self.departed.get(claim_id, 0)

    @property
    def is_empty(self) -> bool:
        """No claim asks or holds, nobody is left to be told, no customer's no is remembered."""
        return not (self.claims or self.news or any(each.is_a_no for each in self.earlier))
