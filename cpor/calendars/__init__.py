"""Business calendars: which days a country works, and how far its clocks are from UTC.

resolve("DE", date(2026, 12, 22), subdivision="BY")

The answer is a plain value: a claim stores it, and asks neither a library nor time zone data again.
"""

from __future__ import annotations

from cpor.calendars.closures import closures
from cpor.calendars.resolved import resolve, resolve_what_is_known
from cpor.calendars.values import (
    OffsetChange,
    ResolvedCalendar,
    UnknownPlace,
    UnknownSubdivision,
    UnknownZone,
)
from cpor.calendars.working_days import check
from cpor.calendars.zones import time_zone

__all__ = [
    "OffsetChange",
    "ResolvedCalendar",
    "UnknownPlace",
    "UnknownSubdivision",
    "UnknownZone",
    "check",
    "closures",
    "resolve",
    "resolve_what_is_known",
    "time_zone",
]
