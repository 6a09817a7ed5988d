"""A file of days on which an office is closed: each line a date, and why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path


def closures(path: Path) -> Mapping[date, str]:
    """Why it is closed, by day; empty lines and those that begin with # say nothing.

    Raises `ValueError` with the line that is wrong, or `OSError`.
    """
    found: dict[date, str] = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        day, _, why = line.strip().partition(" ")
        if not day or day.startswith("#"):
            continue
        try:
            found[date.fromisoformat(day)] = why.strip() or "closed"
        except ValueError:
            raise ValueError(f"line {number} must begin with a date such as 2026-12-24") from None
    return found
