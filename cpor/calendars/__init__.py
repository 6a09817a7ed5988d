"""Business calendars: which days a country works, and how far its clocks are from UTC.

resolve("DE", date(2026, 12, 22), subdivision="BY")

What is resolved needs neither library nor time zone data afterwards: a claim carries it along.
"""

from __future__ import annotations

from cpor.calendars.errors import UnknownCountry, UnknownPlace, UnknownSubdivision, UnknownZone
from cpor.calendars.resolved import resolve
from cpor.calendars.working_days import check, load
from cpor.calendars.zones import named

__all__ = [
    "UnknownCountry",
    "UnknownPlace",
    "UnknownSubdivision",
    "UnknownZone",
    "check",
    "load",
    "named",
    "resolve",
]
