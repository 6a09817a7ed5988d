"""What happened to a claim: who said what and when, in whose sight."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator
from pydantic_core import to_jsonable_python

from cpor.rules.chain import hash_of
from cpor.rules.characters import lower
from cpor.rules.facts import By, Instant

WHAT: Mapping[str, str] = {
    "opened": "the claim was opened",
    "refused": "a signal was refused, or the engine was asked to cancel; `changes` has the code",
    "clock": "a window is over",
    "directory": "what the vendor's directory said, or why it was not asked",
    "store": "an approval is taken back, because proof that it rests on is not there",
    "evidence_problem": "a proof file is missing, was changed or cannot be read",
    "notice_accepted": "a mail server took the customer's notice",
    "notice_refused": "the customer's notice, or the request to the partner, did not arrive",
    "escalated": "no notice reached the customer in 30 days",
    "official": "the consent window is over without a no: the association counts",
    "rivals": "other claims about the same items, and a customer's no to an earlier one",
    "awarded": "the claim holds its items",
    "associations": "an approval is taken back, because another claim holds an item",
    "handed_off": "the incentive engine took the hand-off",
    "asked_again": "no result has come: the incentive engine is asked again",
    "recalled": "the hand-off was taken back",
    "crossed_off": "the hand-off was dropped before it was sent",
    "conflict": "the store knows what the claim does not: it stops until an operator decides",
    "parked": "another system refused something for good; it waits for `retry`",
    "given_up": "what was parked was not retried in time",
}
"""What an entry may be about, beside the messages that are accepted."""

Sight = Literal["partner", "reviewer", "customer"]

EVERYBODY: tuple[Sight, ...] = ("partner", "reviewer", "customer")
BOTH_SIDES: tuple[Sight, ...] = ("partner", "reviewer")
REVIEWERS: tuple[Sight, ...] = ("reviewer",)

ROLE_NOT_CHECKED = "the partner's role was not given and not checked"

CLAIM_ITSELF = By(role="system", id="claim")


class Entry(BaseModel):
    """`what` is for programs, `text` for people; `changes` holds [before, after] by field."""

    seq: int
    at: Instant
    by: By
    what: str
    text: str
    changes: Annotated[Mapping[str, Any], BeforeValidator(to_jsonable_python)] = {}
    remark: str | None = None
    signed_by: str | None = None
    sight: tuple[Sight, ...] = BOTH_SIDES
    before: str | None = None
    """The hash of the entry before this one."""

    @property
    def hash(self) -> str:
        return hash_of(self.written)

    @property
    def written(self) -> Mapping[str, Any]:
        """As the record has it, and as it is hashed: without what is not said.

        So an entry stays what it was when later releases give it more fields. For that each needs
        a default, and a default never changes.
        """
        return self.model_dump(mode="json", exclude_defaults=True)


class Ground(BaseModel, frozen=True):
    """Why more is asked or why a claim is rejected, as it was said or as the claim says itself."""

    reason: str
    """A code."""
    product: str | None = None
    """Which product it is about."""
    subscription_id: str | None = None
    """Which subscription of it."""
    note: str | None = None
    """In words."""


class Question(Ground, frozen=True):
    """What the partner is asked for; `remove`: or to drop that product."""

    remove: bool = False
    """Or to drop that product."""


def changed_since(history: Sequence[Entry], reviewer: str | None) -> datetime | None:
    """When partner or customer first said something after all that this reviewer said.

    None if there is nothing, or if this reviewer has said nothing yet.
    """
    if reviewer is None:
        return None
    own, first = lower(reviewer), None
    for entry in reversed(history):
        if entry.by.role == "reviewer" and lower(entry.by.id) == own:
            return first
        if entry.by.role in ("partner", "customer") and entry.what != "refused":
            first = entry.at
    return None
