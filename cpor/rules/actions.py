"""What was done to a claim by one message, as sender, history and mails are told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from pydantic import BaseModel

from cpor.rules.history import BOTH_SIDES, Sight


@dataclass(frozen=True)
class Deed:
    """What was done: `answer` for the sender, the rest for the history; no text, no entry."""

    answer: str
    text: str
    changes: Mapping[str, Any] = field(default_factory=dict[str, Any])
    sight: tuple[Sight, ...] = BOTH_SIDES
    internal: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])
    tells: bool = True


def plain(value: Any) -> Any:
    """As the history keeps it."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", exclude_none=True)
    if isinstance(value, list):
        return [plain(each) for each in cast("list[object]", value)]
    return value
