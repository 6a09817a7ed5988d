"""The end of a number of business days, without a claim."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any

from pydantic import TypeAdapter, ValidationError

from cpor import calendars
from cpor.cli import days as spoken
from cpor.cli.output import sums
from cpor.rules.clock_view import ClockView, clock_view
from cpor.rules.deadlines import Calendar, Clock, Window
from cpor.rules.shapes import Country

ONE_DAY = timedelta(days=1)
YEARS = range(1970, 2100)

_country: TypeAdapter[str] = TypeAdapter(Country)


class OptionRefused(ValueError):
    """An option has a value that cannot be used; the text names the option."""


def deadline(
    days: int,
    country: str,
    since: str | None = None,
    subdivision: str | None = None,
    zone: str | None = None,
) -> ClockView:
    # More than half of all days are business days, in every country.
    enough = 2 * days + 60
    code = country.upper()
    try:
        _country.validate_python(code)
        begins = _begins(since, code, subdivision, zone)
        found = calendars.resolve(code, begins.date() - ONE_DAY, enough, subdivision, zone)
    except calendars.UnknownSubdivision as error:
        raise OptionRefused(f"--subdivision: {error}") from None
    except calendars.UnknownZone as error:
        raise OptionRefused(f"--zone: {error}") from None
    except ValidationError:
        raise OptionRefused(
            f"--country: {country!r} is not a two-letter country code such as DE"
        ) from None
    calendar = Calendar.model_validate(found, from_attributes=True)
    window = Window(amount=days, unit="business days", side="partner")
    clock = Clock(clock="answer", window=window, edition="")
    clock.start(begins, calendar)
    return clock_view(clock, calendar).model_copy(update={"clock": "deadline"})


def as_data(clock: ClockView) -> dict[str, Any]:
    """For programs."""
    known = clock.model_dump(mode="json", include={"end", "zone", "calendar", "counted", "skipped"})
    return {**known, "last_day": str(sums.last_day(clock))}


def _begins(since: str | None, country: str, subdivision: str | None, zone: str | None) -> datetime:
    """A day begins where the calendar is; it does not count itself, so its hour does not matter."""
    now = datetime.now(UTC)
    if since is None:
        return now
    there = calendars.resolve(country, now.date() - ONE_DAY, 2, subdivision, zone).zone
    local = now.astimezone(calendars.time_zone(there))
    day = spoken.day(since, local.date())
    at = _instant(since) if day is None else datetime.combine(day, time.min, local.tzinfo)
    if at.year not in YEARS:
        raise OptionRefused(f"--from: {since!r} is not between {YEARS[0]} and {YEARS[-1]}")
    return at.astimezone(UTC)


def _instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise OptionRefused(f"--from: {text!r} is no day or instant; {spoken.EXPECTED}") from None
    if at.tzinfo is None:
        raise OptionRefused(
            f"--from: {text!r} does not say how far it is from UTC; write Z or +01:00 behind it"
        )
    return at
