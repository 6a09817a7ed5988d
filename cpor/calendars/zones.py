"""Time zones: the most populous one of each country, and when its clocks change."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from difflib import get_close_matches
from functools import cache
from importlib.resources import files
from pathlib import Path
from zoneinfo import ZoneInfo

from cpor.calendars.values import OffsetChange, UnknownZone

ONE_DAY = timedelta(days=1)
ONE_SECOND = timedelta(seconds=1)

# The most populous zone of each country that has several, or that `zone.tab` does not list.
MOST_POPULOUS = {
    "AQ": "Antarctica/McMurdo",
    "AR": "America/Argentina/Buenos_Aires",
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "BV": "Europe/Oslo",
    "CA": "America/Toronto",
    "CD": "Africa/Lubumbashi",
    "CL": "America/Santiago",
    "CN": "Asia/Shanghai",
    "CY": "Asia/Nicosia",
    "DE": "Europe/Berlin",
    "EC": "America/Guayaquil",
    "ES": "Europe/Madrid",
    "FM": "Pacific/Chuuk",
    "GL": "America/Nuuk",
    "HM": "Indian/Kerguelen",
    "ID": "Asia/Jakarta",
    "KI": "Pacific/Tarawa",
    "KZ": "Asia/Almaty",
    "MH": "Pacific/Majuro",
    "MN": "Asia/Ulaanbaatar",
    "MX": "America/Mexico_City",
    "MY": "Asia/Kuala_Lumpur",
    "NZ": "Pacific/Auckland",
    "PF": "Pacific/Tahiti",
    "PG": "Pacific/Port_Moresby",
    "PS": "Asia/Hebron",
    "PT": "Europe/Lisbon",
    "RU": "Europe/Moscow",
    "UA": "Europe/Kyiv",
    "UM": "Pacific/Wake",
    "US": "America/New_York",
    "UZ": "Asia/Tashkent",
    "XK": "Europe/Belgrade",
}


def time_zone(name: str) -> ZoneInfo:
    """A zone from the locked `tzdata` package: the machine's own data may be years older."""
    if name not in _names():
        near = get_close_matches(name, _names(), n=1)
        hint = f"; the nearest is {near[0]}" if near else ", such as Europe/Berlin"
        raise UnknownZone(f"{name!r} is not the name of a time zone{hint}")
    return _loaded(name)


def is_known(name: str) -> bool:
    return name in _names()


def of_country(country: str) -> str:
    """The zone that most of its people live in; UTC for an unknown country."""
    return MOST_POPULOUS.get(country) or _only_zones().get(country, "UTC")


def of_place(country: str, subdivision: str | None) -> str:
    """The zone that most people of the part live in, where it is named, else of the country."""
    return of_subdivision(country, subdivision or "") or of_country(country)


def of_subdivision(country: str, subdivision: str) -> str | None:
    """None where it has the zone of its country, or is not known."""
    parts = subdivision_zones().get(country, {})
    return next((zone for zone, codes in parts.items() if subdivision in codes), None)


def rows() -> Iterator[tuple[str, str]]:
    """Each country with each of its zones."""
    table = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text("utf-8")
    for line in table.splitlines():
        if not line.startswith("#"):
            country, _, zone = line.split("\t")[:3]
            yield country, zone


def changes(zone: ZoneInfo, first: date, last: date) -> tuple[OffsetChange, ...]:
    """The offset in force as the first day begins anywhere on earth, and each later change."""
    at = datetime(first.year, first.month, first.day, tzinfo=UTC) - ONE_DAY
    end = datetime(last.year, last.month, last.day, tzinfo=UTC) + 2 * ONE_DAY
    found = [OffsetChange(since=at, ahead=_ahead(zone, at))]
    while at < end:
        following = at + ONE_DAY
        if _ahead(zone, following) != found[-1].ahead:
            since = _instant_of_change(zone, at, following)
            found.append(OffsetChange(since=since, ahead=_ahead(zone, since)))
        at = following
    return tuple(found)


def _instant_of_change(zone: ZoneInfo, before: datetime, after: datetime) -> datetime:
    old = _ahead(zone, before)
    while after - before > ONE_SECOND:
        middle = before + (after - before) // ONE_SECOND // 2 * ONE_SECOND
        before, after = (middle, after) if _ahead(zone, middle) == old else (before, middle)
    return after


@cache
def subdivision_zones() -> Mapping[str, Mapping[str, Sequence[str]]]:
    """Subdivisions by their zones, by country."""
    table = Path(__file__).with_name("subdivision_zones.toml")
    return tomllib.loads(table.read_text("utf-8"))


def _ahead(zone: ZoneInfo, at: datetime) -> int:
    offset = at.astimezone(zone).utcoffset()
    assert offset is not None, "an aware instant has an offset"
    return int(offset.total_seconds())


@cache
def _loaded(name: str) -> ZoneInfo:
    data = files("tzdata").joinpath("zoneinfo", *name.split("/"))
    with data.open("rb") as file:
        return ZoneInfo.from_file(file, key=name)


@cache
def _names() -> frozenset[str]:
    return frozenset(files("tzdata").joinpath("zones").read_text("utf-8").split())


@cache
def _only_zones() -> dict[str, str]:
    return dict(rows())
