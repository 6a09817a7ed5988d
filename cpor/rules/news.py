"""What the vendor's portal is to know of a claim, kept for those who missed it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pydantic import BaseModel

from cpor.rules.facts import Instant


class News(BaseModel):
    """An event for the portal, whether it was sent, waits, or nobody is there to be told."""

    id: str
    """As in the event that is sent: enter each once."""
    type: str
    """As in the event that is sent."""
    time: Instant
    """When it happened, by the claim's clock."""
    seq: int
    """The number of the last entry of the history when it happened."""
    data: Mapping[str, Any]
    """As in the event that is sent."""
