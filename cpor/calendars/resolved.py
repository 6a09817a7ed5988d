"""The calendar of one country, with everything that its deadlines will need."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from cpor.calendars import zones
from cpor.calendars.values import ResolvedCalendar, UnknownSubdivision
from cpor.calendars.working_days import SATURDAY_AND_SUNDAY, WorkingDays, working_days


def resolve(
    country: str,
    start: date,
    days: int = 400,
    subdivision: str | None = None,
    zone: str | None = None,
) -> ResolvedCalendar:
    """The working days and clock changes from `start` on; raises `UnknownPlace`.

    A country that the library does not know works from Monday to Friday, and the name says so.
    """
    through = start + timedelta(days=days)
    known = _working_days(country, subdivision)
    if zone is None:
        part = known.subdivision if known else None
        zone = zones.of_place(known.country, part or subdivision) if known else "UTC"
    offsets = zones.changes(zones.time_zone(zone), start, through)
    if known is None:
        return ResolvedCalendar(
            name=f"Monday to Friday in {zone}: no calendar is known for {country}",
            zone=zone,
            weekend=SATURDAY_AND_SUNDAY,
            offsets=offsets,
            through=through,
        )
    weekend = known.weekend(start)
    found, missing = _holidays(known, start, through)
    return ResolvedCalendar(
        name=f"{known.name}{_gap(missing)}",
        zone=zone,
        weekend=weekend,
        # A holiday on a weekend changes no deadline, and each claim stores its calendars.
        holidays={day: name for day, name in found.items() if day.weekday() not in weekend},
        offsets=offsets,
        through=through,
    )


def resolve_what_is_known(
    country: str,
    start: date,
    days: int = 400,
    subdivision: str | None = None,
    zone: str | None = None,
) -> ResolvedCalendar:
    """Like `resolve`; what does not exist is left out, and the name says so."""
    unknown: list[str] = []
    if zone is not None and not zones.is_known(zone):
        unknown.append(f"no time zone {zone} is known")
        zone = None
    try:
        found = resolve(country, start, days, subdivision, zone)
    except UnknownSubdivision:
        unknown.append(f"no part {subdivision} of it is known")
        found = resolve(country, start, days, None, zone)
    return replace(found, name=f"{found.name} ({'; '.join(unknown)})") if unknown else found


def _working_days(country: str, subdivision: str | None) -> WorkingDays | None:
    """Some parts of a country have their own zone, but no holidays of their own."""
    try:
        return working_days(country, subdivision)
    except UnknownSubdivision:
        if zones.of_subdivision(country, subdivision or "") is None:
            raise
        return working_days(country, None)


def _holidays(known: WorkingDays, first: date, last: date) -> tuple[dict[date, str], list[int]]:
    """The holidays from first to last, and the years for which none are known."""
    found: dict[date, str] = {}
    missing: list[int] = []
    # A New Year's Day on a Saturday may be observed in the year before it.
    for year in range(first.year - 1, last.year + 2):
        of_year = known.holidays(year)
        if of_year is not None:
            found |= of_year
        elif first.year <= year <= last.year:
            missing.append(year)
    return {day: found[day] for day in sorted(found) if first <= day <= last}, missing


def _gap(years: list[int]) -> str:
    return f" (its holidays of {' and '.join(map(str, years))} are not known)" if years else ""
