"""Calendars of real countries, as the rules take them."""

from __future__ import annotations

from datetime import date

from cpor import calendars
from cpor.calendars import UnknownSubdivision, UnknownZone, time_zone
from cpor.rules.deadlines import Calendar

__all__ = ["UnknownSubdivision", "UnknownZone", "resolve", "time_zone"]


def resolve(
    country: str,
    start: date,
    days: int = 400,
    subdivision: str | None = None,
    zone: str | None = None,
) -> Calendar:
    found = calendars.resolve(country, start, days, subdivision, zone)
    return Calendar.model_validate(found, from_attributes=True)
