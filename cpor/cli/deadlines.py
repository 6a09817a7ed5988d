"""The end of a number of business days, without a claim."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from pydantic import TypeAdapter, ValidationError

from cpor import calendars
from cpor.cli.output import sums
from cpor.rules.clock_view import ClockView, clock_view
from cpor.rules.deadlines import Calendar, Clock, Window
from cpor.rules.facts import Country

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
    begins = datetime.now(UTC) if since is None else _instant(since)
    # More than half of all days are business days, in every country.
    enough = 2 * days + 60
    try:
        _country.validate_python(country)
        found = calendars.resolve(country, begins.date() - ONE_DAY, enough, subdivision, zone)
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


def _instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise OptionRefused(
            f"--from: {text!r} is not an instant such as 2026-12-22T16:00:00Z"
        ) from None
    if at.tzinfo is None:
        raise OptionRefused(
            f"--from: {text!r} does not say how far it is from UTC; write Z or +01:00 behind it"
        )
    if at.year not in YEARS:
        raise OptionRefused(f"--from: {text!r} is not between {YEARS[0]} and {YEARS[-1]}")
    return at.astimezone(UTC)
