"""Instants as people read them. A day that ends at midnight is named, not the midnight after."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from calendars import named

DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def moment(at: datetime, zone: str = "UTC") -> str:
    """Friday 27 November 2026, 09:14 UTC"""
    local = at.astimezone(named(zone))
    return f"{_day(local)}, {local:%H:%M} {zone}"


def until(at: datetime, zone: str = "UTC") -> str:
    """What follows "until" or "by": the end of Thursday 26 November 2026 (UTC)"""
    local = at.astimezone(named(zone))
    if local.time() != time.min:
        return moment(at, zone)
    return f"the end of {_day(local - timedelta(days=1))} ({zone})"


def ended(at: datetime, zone: str = "UTC") -> str:
    """What follows "ran out": at the end of Thursday 26 November 2026 (UTC)"""
    said = until(at, zone)
    return f"at {said}" if said.startswith("the end") else f"on {said}"


def last_day(at: datetime, zone: str = "UTC") -> str:
    """The day in short, for a subject: Thursday 26 November"""
    local = at.astimezone(named(zone)) - timedelta(microseconds=1)
    return f"{DAYS[local.weekday()]} {local.day} {MONTHS[local.month - 1]}"


def _day(local: datetime) -> str:
    return f"{DAYS[local.weekday()]} {local.day} {MONTHS[local.month - 1]} {local.year}"
