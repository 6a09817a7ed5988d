"""What happened to a claim: who said what and when, in whose sight."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel

from claims.facts import By, Instant

Sight = Literal["partner", "reviewer", "customer"]

EVERYBODY: tuple[Sight, ...] = ("partner", "reviewer", "customer")
BOTH_SIDES: tuple[Sight, ...] = ("partner", "reviewer")
REVIEWERS: tuple[Sight, ...] = ("reviewer",)

CLAIM_ITSELF = By(role="system", id="claim")


class Entry(BaseModel):
    """`what` is for programs, `text` for people; `changes` holds [before, after] by field."""

    seq: int
    at: Instant
    by: By
    what: str
    text: str
    changes: Mapping[str, Any] = {}
    sight: tuple[Sight, ...] = BOTH_SIDES
