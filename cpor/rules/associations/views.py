"""What people are shown of a tenant's items."""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import BaseModel

from cpor.rules.associations.calls import Earlier
from cpor.rules.associations.state import Interest, State
from cpor.rules.facts import Instant


class Holding(BaseModel):
    claim_id: str
    mpn_id: str
    since: Instant


class Challenger(BaseModel):
    """A claim that asks for an item and does not hold it."""

    claim_id: str
    mpn_id: str
    first_submitted_at: Instant
    proof_at: Instant | None


class ItemInShort(BaseModel):
    item: str
    holder: Holding | None
    challengers: int


class ItemInFull(BaseModel):
    item: str
    holder: Holding | None
    challengers: list[Challenger]
    """Whoever was submitted first stands first."""
    earlier: list[Earlier]
    """The newest stands first."""


def items(known: State) -> list[ItemInShort]:
    """All that somebody holds or asks for."""
    asked: dict[str, int] = {}
    for interest in known.claims.values():
        for item in interest.items:
            asked[item] = asked.get(item, 0) + 1
    return [
        ItemInShort(
            item=item, holder=_holder(known, item), challengers=number - (item in known.holders)
        )
        for item, number in sorted(asked.items())
    ]


def item(known: State, name: object) -> ItemInFull:
    """One item; also one that nobody has ever heard of."""
    wanted = name if isinstance(name, str) else ""
    asking = {each: found for each, found in known.claims.items() if wanted in found.items}
    holder = known.holders.get(wanted)
    if holder is not None:
        del asking[holder.claim_id]
    in_order = sorted(asking, key=lambda each: (asking[each].first_submitted_at, each))
    return ItemInFull(
        item=wanted,
        holder=_holder(known, wanted),
        challengers=[_challenger(each, asking) for each in in_order],
        earlier=[each for each in reversed(known.earlier) if wanted in each.items],
    )


def _challenger(claim_id: str, asking: Mapping[str, Interest]) -> Challenger:
    known = asking[claim_id].model_dump(include={*Challenger.model_fields})
    return Challenger(claim_id=claim_id, **known)


def _holder(known: State, item: str) -> Holding | None:
    holder = known.holders.get(item)
    if holder is None:
        return None
    mpn_id = known.claims[holder.claim_id].mpn_id
    return Holding(claim_id=holder.claim_id, mpn_id=mpn_id, since=holder.since)
