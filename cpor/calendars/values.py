"""What this package answers with: plain values that need no library afterwards, and errors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime


class UnknownPlace(ValueError):
    """A country, subdivision or time zone that does not exist; the text is one sentence."""


class UnknownSubdivision(UnknownPlace):
    """A part that its country does not have."""


class UnknownZone(UnknownPlace):
    """A time zone that is not in the zone data."""


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
