"""What one message did, as its sender, the history and the mails are told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from pydantic import BaseModel

from cpor.rules.history import BOTH_SIDES, Sight


@dataclass(frozen=True)
class Action:
    """The receipt says `answer`; without a `text` the history has no entry of it."""

    answer: str
    text: str
    changes: Mapping[str, Any] = field(default_factory=dict[str, Any])
    sight: tuple[Sight, ...] = BOTH_SIDES
    internal: str | None = None
    """A second entry, for reviewers only."""
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """For the mails."""
    follows: bool = True
    """Whether the row of the lifecycle table is followed: status, clocks and notices."""


def plain(value: Any) -> Any:
    """As the history keeps it."""
    if isinstance(value, BaseModel):
        return value.model_dump(mode="json", exclude_none=True)
    if isinstance(value, list):
        return [plain(each) for each in cast("list[object]", value)]
    return value
