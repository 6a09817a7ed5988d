"""What happened to a claim: who said what and when, in whose sight."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel

from claims.chain import hash_of
from claims.facts import By, Instant

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
    changes: Mapping[str, Any] = {}
    remark: str | None = None
    sight: tuple[Sight, ...] = BOTH_SIDES
    before: str | None = None
    """The hash of the entry before this one."""

    @property
    def hash(self) -> str:
        return hash_of(self.model_dump(mode="json"))


class Ground(BaseModel, frozen=True):
    """Why more is asked or why a claim is rejected, as it was said or as the claim says itself."""

    reason: str
    product: str | None = None
    subscription_id: str | None = None
    note: str | None = None


class Question(Ground, frozen=True):
    """What the partner is asked for; `remove`: or to drop that product."""

    remove: bool = False
