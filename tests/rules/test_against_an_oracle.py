"""Clocks against a slow, obviously right way to count: watching the clock on the wall."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import holidays
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cpor.calendars import zones
from cpor.rules.deadlines import Calendar, Clock, Window
from tests import calendars

QUARTER = timedelta(minutes=15)
COUNTRIES = st.deferred(
    lambda: st.sampled_from(sorted(holidays.list_supported_countries(include_aliases=False)))
)
ZONES = sorted({zone for _, zone in zones.rows()})
EXAMPLES = settings(max_examples=150, derandomize=True)

Pause = tuple[datetime, datetime]


@dataclass
class Stop:
    """A pause to be: how far the clock has come by then, from 0 to 1, and how long it is."""

    share: float
    minutes: int
    from_midnight: bool
    to_midnight: bool


@dataclass
class Course:
    """What happens to one clock."""

    country: str
    zone: str
    since: datetime
    amount: int
    extended: int
    stops: list[Stop]


FIRST = datetime(2016, 1, 1, tzinfo=UTC)
SECONDS = 20 * 365 * 86_400
instants = st.one_of(
    st.integers(0, SECONDS).map(lambda seconds: FIRST + timedelta(seconds=seconds)),
    st.integers(0, SECONDS // 900).map(lambda quarters: FIRST + quarters * QUARTER),
)
courses = st.builds(
    Course,
    country=COUNTRIES,
    zone=st.sampled_from(ZONES),
    since=instants,
    amount=st.integers(1, 15),
    extended=st.integers(0, 5),
    stops=st.lists(
        st.builds(
            Stop,
            share=st.floats(0, 0.999),
            minutes=st.integers(1, 60) | st.integers(60, 20_000),
            from_midnight=st.booleans(),
            to_midnight=st.booleans(),
        ),
        max_size=3,
    ),
)


@EXAMPLES
@given(courses)
def test_a_clock_ends_when_the_days_on_the_wall_are_counted(course: Course) -> None:
    clock, calendar, pauses = run(course)
    wanted = course.amount + course.extended
    counted, end = watch(calendars.time_zone(course.zone), calendar, course.since, pauses, wanted)
    assert (clock.counted, clock.end) == (counted, end)


@EXAMPLES
@given(courses)
def test_what_is_neither_counted_nor_named_as_skipped_began_before_the_start_or_in_a_pause(
    course: Course,
) -> None:
    clock, calendar, pauses = run(course)
    listed = {*clock.counted, *(each.day for each in clock.skipped)}
    assert len(listed) == len(clock.counted) + len(clock.skipped)
    for day, first in days_on_the_wall(calendars.time_zone(course.zone), course.since):
        if day > clock.counted[-1]:
            break
        assert (day in listed) == is_running(first, course.since, pauses)
    assert all(calendar.why_off(each.day) == each.why for each in clock.skipped)


@EXAMPLES
@given(courses, st.integers(0, 40_000))
def test_a_calendar_shows_what_the_clock_on_the_wall_shows(course: Course, minutes: int) -> None:
    calendar = calendar_of(course)
    at = course.since + timedelta(minutes=minutes)
    on_the_wall = at.astimezone(calendars.time_zone(course.zone)).replace(tzinfo=None)
    assert calendar.local(at) == on_the_wall
    assert calendar.day_of(at) == on_the_wall.date()


@pytest.mark.parametrize(
    "zone",
    [
        *("Africa/Cairo", "America/Havana", "America/Nuuk", "America/Santiago", "Asia/Beirut"),
        *("Atlantic/Azores", "Africa/Casablanca", "America/St_Johns", "Australia/Lord_Howe"),
        *("Europe/Berlin", "Pacific/Chatham", "Pacific/Kiritimati", "Pacific/Pago_Pago"),
    ],
)
def test_each_day_of_a_year_begins_when_the_wall_first_shows_it(zone: str) -> None:
    calendar = calendars.resolve("XX", date(2025, 12, 30), zone=zone)
    new_year = datetime(2026, 1, 1, tzinfo=UTC)
    for day, first in islice(days_on_the_wall(calendars.time_zone(zone), new_year), 366):
        assert calendar.start_of(day) == first


@EXAMPLES
@given(courses)
def test_a_clock_that_stands_still_has_no_end(course: Course) -> None:
    clock, calendar, _ = run(course)
    assert clock.end is not None
    clock.pause(clock.end - timedelta(microseconds=1), calendar)
    assert clock.end is None


def run(course: Course) -> tuple[Clock, Calendar, list[Pause]]:
    """The program's own count, and the pauses as they came to lie."""
    calendar = calendar_of(course)
    window = Window(amount=course.amount, unit="business days", side="partner")
    clock = Clock(clock="answer", window=window, edition="2020")
    clock.start(course.since, calendar)
    clock.extended = course.extended
    clock.reckon(calendar)
    pauses: list[Pause] = []
    earliest = course.since
    for stop in course.stops:
        assert clock.end is not None
        asked = earliest + timedelta(
            seconds=int((clock.end - earliest).total_seconds() * stop.share)
        )
        if stop.from_midnight:
            asked = max(earliest, calendar.start_of(calendar.day_of(asked)))
        answered = asked + timedelta(minutes=stop.minutes)
        if stop.to_midnight:
            answered = max(asked, calendar.start_of(calendar.day_of(answered)))
        clock.pause(asked, calendar)
        clock.resume(answered, calendar)
        pauses.append((asked, answered))
        earliest = answered
    return clock, calendar, pauses


def calendar_of(course: Course) -> Calendar:
    first = course.since.date() - timedelta(days=2)
    return calendars.resolve(course.country, first, zone=course.zone)


# The oracle


def watch(
    zone: ZoneInfo, calendar: Calendar, since: datetime, pauses: Sequence[Pause], wanted: int
) -> tuple[list[date], datetime]:
    counted: list[date] = []
    for (day, first), (_, end) in pairwise(days_on_the_wall(zone, since)):
        works = day.weekday() not in calendar.weekend and day not in calendar.holidays
        if works and is_running(first, since, pauses):
            counted.append(day)
            was_full = all(answered < first for _, answered in pauses)
            if len(counted) >= wanted and was_full:
                return counted, end
    raise AssertionError("days do not end")


def is_running(at: datetime, since: datetime, pauses: Sequence[Pause]) -> bool:
    return at > since and not any(asked < at <= answered for asked, answered in pauses)


def days_on_the_wall(zone: ZoneInfo, since: datetime) -> Iterator[tuple[date, datetime]]:
    """Each day after that of the start, with the first quarter of an hour that shows its date."""
    at = since.replace(minute=since.minute // 15 * 15, second=0, microsecond=0)
    newest = (at - QUARTER).astimezone(zone).date()
    while True:
        shown = at.astimezone(zone).date()
        if shown > newest:
            newest = shown
            yield shown, at
        at += QUARTER
