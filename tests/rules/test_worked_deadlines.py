"""The deadlines of `deadlines.md`, worked out by hand, are the program's."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from cpor.rules.deadlines import Calendar, Clock, Window
from tests import calendars

TABLE = Path(__file__).with_name("deadlines.md")
DAY = "%a %d %b %Y"
INSTANT = f"{DAY} %H:%M"
WEEKDAYS = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}
Row = tuple[str, str, str, str, str, str, str]


def rows() -> Iterator[Row]:
    for line in TABLE.read_text("utf-8").splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) == 7 and cells[1].isdigit():
            place, days, since, pauses, holidays, last, end = cells
            yield place, days, since, pauses, holidays, last, end


@pytest.mark.parametrize(
    ("place", "days", "since", "pauses", "holidays", "last", "end"),
    [pytest.param(*row, id=" ".join(row[:3])) for row in rows()],
)
def test_a_deadline_is_what_was_worked_out(
    place: str, days: str, since: str, pauses: str, holidays: str, last: str, end: str
) -> None:
    begins = instant(since)
    calendar = calendar_of(place, begins.date())
    window = Window(amount=int(days), unit="business days", side="partner")
    clock = Clock(clock="answer", window=window, edition="2020")
    clock.start(begins, calendar)
    for pause in filter(None, pauses.split("; ")):
        asked, answered = pause.split(" to ")
        clock.pause(instant(asked), calendar)
        clock.resume(instant(answered), calendar)

    assert clock.end == instant(end)
    assert clock.counted[-1] == day(last)
    named = [
        f"{each.day.day} {each.day:%b} {each.why}"
        for each in clock.skipped
        if each.why not in WEEKDAYS
    ]
    assert "; ".join(named) == holidays


def test_there_are_enough_to_be_worth_reading() -> None:
    assert len(list(rows())) >= 60


def calendar_of(place: str, begins: date) -> Calendar:
    where, _, zone = place.partition(" ")
    country, _, subdivision = where.partition("-")
    first = begins - timedelta(days=2)
    return calendars.resolve(country, first, subdivision=subdivision or None, zone=zone or None)


def instant(text: str) -> datetime:
    at = datetime.strptime(text, INSTANT).replace(tzinfo=UTC)
    assert f"{at:{INSTANT}}" == text, "the weekday is right"
    return at


def day(text: str) -> date:
    at = instant(f"{text} 00:00")
    return at.date()
