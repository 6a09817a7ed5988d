"""Instants, numbers and texts of others, as they are printed."""

from __future__ import annotations

from datetime import datetime, timedelta


def instant(at: datetime) -> str:
    return f"{at:%a %d %b %Y %H:%M} UTC"


def in_time(left: timedelta) -> str:
    """`in 4 days`, `2 hours ago`: the whole days, else hours, else minutes."""
    minutes = int(abs(left.total_seconds()) // 60)
    for size, unit in ((24 * 60, "day"), (60, "hour"), (1, "minute")):
        if minutes >= size:
            amount = counted(minutes // size, unit)
            return f"in {amount}" if left > timedelta() else f"{amount} ago"
    return "now"


def counted(number: int, unit: str) -> str:
    return f"{number} {unit}{'s' if number != 1 else ''}"


def printable(text: str) -> str:
    """On one line, without control characters, which a terminal would obey."""
    return "".join(char if char.isprintable() else "?" for char in " ".join(text.split()))
