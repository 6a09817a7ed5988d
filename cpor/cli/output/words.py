"""Instants, numbers and texts of others, as they are printed."""

from __future__ import annotations

from datetime import datetime


def instant(at: datetime) -> str:
    return f"{at:%a %d %b %Y %H:%M} UTC"


def counted(number: int, unit: str) -> str:
    return f"{number} {unit}{'s' if number != 1 else ''}"


def printable(text: str) -> str:
    """On one line, without control characters, which a terminal would obey."""
    return "".join(char if char.isprintable() else "?" for char in " ".join(text.split()))
