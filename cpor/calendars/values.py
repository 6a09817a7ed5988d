"""What this package answers with: plain values that need no library afterwards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime


@dataclass(frozen=True)
class OffsetChange:
    """From this instant on, local time is this many seconds ahead of UTC."""

    since: datetime
    ahead: int


@dataclass(frozen=True)
class ResolvedCalendar:
    """The working days of one country and the clock changes of one time zone, for some days."""

    name: str
    zone: str
    weekend: tuple[int, ...]
    """Days of the week, Monday is 0."""
    offsets: tuple[OffsetChange, ...]
    through: date
    """The last day that was looked up."""
    holidays: Mapping[date, str] = field(default_factory=dict[date, str])
