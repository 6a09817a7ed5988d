"""Days and instants as people type them: `tomorrow`, `friday`, `2026-12-24`, or an instant."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

WORDS = {"yesterday": -1, "today": 0, "tomorrow": 1}
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
EXPECTED = "write tomorrow, friday, 2026-12-24 or 2026-12-24T16:00:00Z"


def day(text: str, today: date) -> date | None:
    """The day that is meant; a weekday is the next one. None if it is no day."""
    word = text.strip().lower()
    if word in WORDS:
        return today + timedelta(days=WORDS[word])
    if word in WEEKDAYS:
        ahead = (WEEKDAYS.index(word) - today.weekday() - 1) % 7 + 1
        return today + timedelta(days=ahead)
    try:
        return date.fromisoformat(word)
    except ValueError:
        return None


def instant(text: str, now: datetime) -> datetime | None:
    """A day begins at midnight in UTC; an instant without a zone is in UTC, too."""
    meant = day(text, now.astimezone(UTC).date())
    if meant is not None:
        return datetime(meant.year, meant.month, meant.day, tzinfo=UTC)
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)
