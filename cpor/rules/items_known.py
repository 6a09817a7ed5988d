"""What a claim knows of the items it claims."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from cpor.rules.associations.calls import Earlier, Rival
from cpor.rules.facts import Instant


class Items(BaseModel):
    """How it stands, and who else is about them."""

    standing: Literal["none", "asks", "holds"] = "none"
    since: Instant | None = None
    """From when on it holds them."""
    calls: int = 0
    """The number of the last call to the associations of its tenant."""
    answered: int = 0
    """The number of the last one by which it asks or holds."""
    proof_at: Instant | None = None
    """When the newest proof had come that it asked with."""
    step: int = 0
    """Of the associations, when the claim heard of others last."""
    rivals: list[Rival] = []
    more_rivals: int = 0
    earlier: list[Earlier] = []
    named: list[str] = []
    """Rivals that the history names."""
