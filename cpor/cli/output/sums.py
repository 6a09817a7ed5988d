"""A deadline as a sum anybody can check, day by day."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from cpor import calendars
from cpor.rules.clock_view import ClockView
from cpor.rules.deadlines import Pause, Window

INSTANT = timedelta(microseconds=1)


def sum_of(clock: ClockView) -> list[str]:
    """Lines of text: when it started, by which rule, each day, and when it ends."""
    return list(_lines(clock, calendars.time_zone(clock.zone)))


def last_day(clock: ClockView) -> date | None:
    """The day on which it ends; an end at midnight belongs to the day before."""
    if clock.end is None:
        return None
    return (clock.end - INSTANT).astimezone(calendars.time_zone(clock.zone)).date()


def _lines(clock: ClockView, zone: ZoneInfo) -> Iterator[str]:
    edition = f" of edition {clock.edition}" if clock.edition else ""
    extended = f", extended by {_business_days(clock.extended)}" if clock.extended else ""
    hours = "" if "business" in clock.rule else ", 24 hours each"
    yield f"rule      {clock.rule}{edition}{hours}{extended}"
    yield f"calendar  {clock.calendar}"
    if clock.started_at is None:
        yield "started   not yet"
        return
    yield f"started   {_both(clock.started_at, zone)}"
    yield from (line for _, line in sorted(_ledger(clock, zone), key=lambda dated: dated[0]))
    if clock.promised is not None:
        yield f"promised  not before {_both(clock.promised, zone)}, as a mail said"
    yield f"ends      {_end(clock, zone)}"


def _ledger(clock: ClockView, zone: ZoneInfo) -> Iterator[tuple[date, str]]:
    for number, day in enumerate(clock.counted, 1):
        yield day, f"{number:>8}  {_day(day)}"
    for skipped in clock.skipped:
        # A weekend day says by itself why it does not count.
        why = "" if skipped.why == f"{skipped.day:%A}" else f"  {skipped.why}"
        yield skipped.day, f"       –  {_day(skipped.day)}{why}"
    for pause in clock.pauses:
        yield pause.since.astimezone(zone).date(), f"  paused  {_pause(pause, zone)}"


def _pause(pause: Pause, zone: ZoneInfo) -> str:
    until = f"until {_both(pause.until, zone)}" if pause.until else "and not gone on yet"
    return f"{_both(pause.since, zone)}, {until}"


def _end(clock: ClockView, zone: ZoneInfo) -> str:
    last = last_day(clock)
    if clock.end is None or last is None:
        return "not known yet: the clock does not run"
    if (clock.end - INSTANT).astimezone(zone).date() == clock.end.astimezone(zone).date():
        return _both(clock.end, zone)
    return f"with {_day(last)} in {zone.key} = {_instant(clock.end)} UTC"


def _both(at: datetime, zone: ZoneInfo) -> str:
    utc = f"{_instant(at)} UTC"
    return utc if zone.key == "UTC" else f"{utc} = {_instant(at.astimezone(zone))} {zone.key}"


def _business_days(amount: int) -> str:
    return str(Window(amount=amount, unit="business days", side="partner"))


def _instant(at: datetime) -> str:
    return f"{_day(at)} {at:%H:%M:%S}" if at.second else f"{_day(at)} {at:%H:%M}"


def _day(day: date) -> str:
    return f"{day:%a %d %b %Y}"
