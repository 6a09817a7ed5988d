"""How claims call the associations of their tenant, and what these answer.

A claim numbers its calls. The same number again changes nothing, and a lower number comes too late.
So a call may be lost, sent twice, or overtaken by the next one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar, Literal, cast

from pydantic import BaseModel, Field

from cpor.rules.associations.items import Item
from cpor.rules.errors import Invalid, Problem
from cpor.rules.facts import EACH_ONCE, MOST_FILES, MOST_PRODUCTS, Fact, Instant
from cpor.rules.reading import one_object
from cpor.rules.shapes import ActorId, ClaimId, Guid, MpnId, Sha256
from cpor.rules.sparse import Sparse

Ended = Literal[
    "sent_back",
    "withdrawn",
    "rejected",
    "declined",
    "disassociated",
    "association_ended",
    "displaced",
    "gone",
]
"""How a claim ended. `declined`: by the customer's no; `sent_back`: it became a draft again;
`gone`: it was found to be over, and had not said how."""
Outcome = Literal[
    "entered",
    "granted",
    "not_granted",
    "never_entered",
    "released",
    "overtaken",
    "full",
]
"""`not_granted`: another claim holds an item, or has taken it since. `never_entered`: the claim
does not ask for these items here. `overtaken`: a later call of the claim was here before. `full`:
the tenant has as many open claims as can be kept."""
MOST_NAMED = 20
"""The most rivals, and the most earlier claims, that one answer names."""
DIGITS = 16
"""So many digits of a proof's digest tell one proof from another."""


class Call(Fact, Sparse):
    """Base of all calls."""

    name: ClassVar[str]

    tenant_id: Guid
    claim_id: ClaimId
    round: Annotated[int, Field(strict=True, ge=1)]
    """The claim's own number of this call."""
    at: Instant
    """When the claim decided to call."""


Proofs = Annotated[list[Sha256], Field(max_length=MOST_FILES, default_factory=list)]
Items = Annotated[list[Item], Field(min_length=1, max_length=MOST_PRODUCTS), EACH_ONCE]


class Enter(Call):
    """A claim asks for items. They replace what it asked for or held before."""

    name = "enter"
    mpn_id: MpnId
    items: Items
    first_submitted_at: Instant
    proof_at: Instant | None = None
    """When its newest proof came."""
    proofs: Proofs
    """Its proof. After a customer's no, the same partner needs new proof."""


class Award(Call):
    """A claim was approved: it should now hold all items it asks for, or none."""

    name = "award"
    items: Items
    displaces: Annotated[
        list[ClaimId], Field(max_length=MOST_PRODUCTS, default_factory=list), EACH_ONCE
    ]
    """The claims from which a reviewer takes the items on purpose. No other claim loses any."""
    reviewer: ActorId | None = None
    """Who approved. The same person may not judge a claim that loses its items by this."""


class Release(Call):
    """A claim ended, or became a draft again: its items are free."""

    name = "release"
    ended: Ended
    proofs: Proofs
    """Its proof when it ended."""


AnyCall = Enter | Award | Release
CALLS: Mapping[str, type[AnyCall]] = {kind.name: kind for kind in (Enter, Award, Release)}


class Rival(BaseModel):
    """Another claim that holds one of the items, or asks for it."""

    claim_id: str
    """Which claim."""
    mpn_id: str
    """Whose it is."""
    items: list[str]
    """Those that both are about."""
    holds: bool
    """Whether it holds them; otherwise it asks for them."""
    since: Instant
    """From when on it holds them, or when it was submitted first."""
    proof_at: Instant | None = None
    """When its newest proof came."""


class Earlier(BaseModel):
    """A claim about some of these items that is over."""

    claim_id: str
    """Which claim."""
    mpn_id: str
    """Whose it was."""
    items: list[str]
    """What it asked for or held."""
    ended: Ended
    """How it ended."""
    at: Instant
    """When it ended."""
    proofs: list[str]
    """The first digits of what it rested on."""

    @property
    def is_a_no(self) -> bool:
        return self.ended == "declined"


class Picture(Sparse):
    """Holders first, then who asked first. The same partner's noes come before all else earlier."""

    step: int = 0
    """Of two pictures the one with the higher step is the newer one."""
    rivals: list[Rival] = Field(default_factory=list[Rival])
    more_rivals: int = 0
    earlier: list[Earlier] = Field(default_factory=list[Earlier])


class Answer(Picture):
    outcome: Outcome
    last: int = 0
    """Where the call was overtaken: by the call of this number."""


def read(name: str, payloads: Sequence[object], tenant_id: str) -> AnyCall:
    """The call, or `Invalid` with every problem there is."""
    call = one_object(CALLS, "call", name, payloads)
    if call.tenant_id != tenant_id:
        raise Invalid([Problem("tenant_id", f"must be {tenant_id}, whose associations these are")])
    items = cast("list[str]", getattr(call, "items", []))
    if len(set(items)) != len(items):
        raise Invalid([Problem("items", "must name each item once")])
    return call
