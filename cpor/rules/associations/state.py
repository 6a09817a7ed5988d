"""What is known of one tenant's items. All of it can be dumped and loaded, and it stays small."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

from pydantic import BaseModel

from cpor.rules.associations.calls import Earlier
from cpor.rules.facts import Instant

Standing = Literal["none", "asks", "holds"]
Told = Literal["displaced", "item_free", "rivals"]

MOST_OPEN = 400
"""Claims that ask or hold at the same time."""


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
    """What a claim is told without having asked. Told again, it has the same id."""

    id: str
    kind: Told
    to: str
    """The claim."""
    round: int
    """Of the last call of that claim. A claim that has said more since knows better."""
    items: list[str]
    by: str
    """The claim that has the items now, or had them, or asks for them."""
    reviewer: str | None = None
    """Whose approval it was."""
    at: Instant


class ByHand(BaseModel):
    """What somebody tried who has no business here: only workers of ours are heard."""

    what: str
    at: Instant


class State(BaseModel):
    tenant_id: str
    step: int = 0
    """Grows with each change, and begins anew above all that was before."""
    claims: dict[str, Interest] = {}
    """By id: who asks or holds."""
    holders: dict[str, Holder] = {}
    """By item: so none has two."""
    earlier: list[Earlier] = []
    """Oldest first."""
    departed: dict[str, int] = {}
    """Claims that went, and their last round: what of them is still on its way comes too late."""
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
        """Nobody asks or holds, and nothing is remembered that must outlive a quiet time."""
        return not (self.claims or self.news or any(each.is_a_no for each in self.earlier))
