"""An event as it goes to another system, and what became of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel

from cpor.rules.facts import Instant


class Event(BaseModel):
    """A CloudEvent to be delivered."""

    id: str
    type: str
    subject: str
    time: Instant
    data: Mapping[str, Any]


class EventResult(BaseModel):
    outcome: Literal["taken", "refused"]
    at: Instant
    detail: str = ""
