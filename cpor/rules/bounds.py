"""How much one object may hold, looked at before it is validated.

Validation reports each thing that is wrong, so what it costs depends on the sender. Here the first
things too many end it: nobody's claim stands still over an object of a hundred thousand fields.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, cast

from pydantic import BaseModel

from cpor.rules.errors import Invalid, Problem, shortened

MOST_BYTES = 256 * 1024
"""From so many on, what is sent is not even parsed."""
MOST_VALUES = 1000
"""Fields and list entries in one object. The largest message that makes sense has about 300."""
MOST_UNKNOWN = 20
"""Beside so few unknown fields, all else that is wrong is named too."""


class Unreadable:
    """Stands for a payload that could not be decoded."""


class Unread(Unreadable):
    """One that is too large to be parsed. A claim that goes on in a new run finds itself in it."""

    def __init__(self, data: bytes) -> None:
        self.data = data


def check_bounds(kind: type[BaseModel], sent: Any) -> None:
    """Raises `Invalid` where it holds too much to be looked at field by field."""
    if isinstance(sent, Unread):
        raise Invalid([Problem("", f"must have less than {MOST_BYTES} bytes (256 KiB)")])
    fields = cast("Mapping[str, object]", sent if isinstance(sent, dict) else {})
    known = kind.model_fields
    unknown = [name for name in fields if name not in known]
    if len(unknown) > MOST_UNKNOWN:
        named = [
            Problem(shortened(name), "is not a known field") for name in unknown[:MOST_UNKNOWN]
        ]
        raise Invalid([*named, Problem("", f"and {len(unknown) - MOST_UNKNOWN} more")])
    if holds_too_much(sent):
        full = [name for name, value in fields.items() if holds_too_much(value)]
        raise Invalid([Problem(shortened(name), _bound(kind, name)) for name in full or [""]])


def _bound(kind: type[BaseModel], field: str) -> str:
    """How much this field may hold at most."""
    known = kind.model_fields[field].metadata if field in kind.model_fields else []
    for bound in (each for each in known if hasattr(each, "max_length")):
        return f"must have at most {bound.max_length} entries"
    return f"holds more than {MOST_VALUES} values; send only the fields it has"


def holds_too_much(sent: Any) -> bool:
    left, unseen = MOST_VALUES, [sent]
    while unseen and left >= 0:
        inside = _inside(unseen.pop())
        left -= len(inside)
        if left >= 0:
            unseen.extend(filter(_has_inside, inside))
    return left < 0


def has_levels(sent: Any, more_than: int) -> bool:
    """Lists and objects in one another; a single one has one level."""
    level = [sent]
    for _ in range(more_than + 1):
        if not any(map(_has_inside, level)):
            return False
        level = [inner for each in level for inner in _inside(each)]
    return True


def _has_inside(sent: Any) -> bool:
    return isinstance(sent, dict | list)


def _inside(sent: Any) -> list[Any]:
    if isinstance(sent, dict):
        return list(cast("Mapping[str, Any]", sent).values())
    return cast("list[Any]", sent) if isinstance(sent, list) else []
