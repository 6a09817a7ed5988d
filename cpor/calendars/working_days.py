"""The days off of a country: its weekend, and its public holidays by name."""

from __future__ import annotations

import re
from datetime import date, timedelta
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from cpor.calendars import library
from cpor.calendars.eves import eves_of
from cpor.calendars.values import UnknownPlace, UnknownSubdivision

if TYPE_CHECKING:
    from holidays import HolidayBase

SATURDAY_AND_SUNDAY = (5, 6)
_CODE = re.compile("[A-Z]{2}")

_WEEKENDS: dict[str, tuple[int, ...]] = {
    # For these the library has its default, or a rule that ended in 2014.
    "LY": (4, 5),
    "MR": SATURDAY_AND_SUNDAY,
    "NP": (5,),
    "PS": (4, 5),
    # The library has only Sunday, because it moves holidays by it; offices close on Saturdays too.
    **dict.fromkeys(["AI", "CD", "HK", "KN", "NE", "PY", "TK", "VE"], SATURDAY_AND_SUNDAY),
}

_NAMES = {
    "AS": "American Samoa",
    "CD": "Democratic Republic of the Congo",
    "CF": "Central African Republic",
    "CG": "Republic of the Congo",
    "GB": "United Kingdom",
    "KP": "North Korea",
    "KR": "South Korea",
    "MF": "Saint Martin",
    "MM": "Myanmar",
    "SX": "Sint Maarten",
    "SZ": "Eswatini",
    "TC": "Turks & Caicos Islands",
    "TF": "French Southern Territories",
    "VG": "British Virgin Islands",
    "VI": "US Virgin Islands",
    "WS": "Samoa",
    "XK": "Kosovo",
}


class WorkingDays:
    """One country, or one subdivision of it, as the library has it."""

    def __init__(self, known: type[HolidayBase], subdivision: str | None) -> None:
        self._library = known
        self.country = known.country
        self.subdivision = None if subdivision is None else self._code_of(subdivision)

    @property
    def name(self) -> str:
        country = name_of(self.country)
        if self.subdivision is None:
            return country
        names = {code: name for name, code in self._library.subdivisions_aliases.items()}
        return f"{country}, {names.get(self.subdivision, self.subdivision)}"

    def weekend(self, at: date) -> tuple[int, ...]:
        """The days off in the week that starts on this day."""
        if self.country in _WEEKENDS:
            return _WEEKENDS[self.country]
        known = self._of()
        week = (at + timedelta(days=passed) for passed in range(7))
        return tuple(sorted(day.weekday() for day in week if known.is_weekend(day)))

    def holidays(self, year: int) -> dict[date, str] | None:
        """Names by day, in English where there are any; None for a year that is not covered."""
        if not self._library.start_year <= year <= self._library.end_year:
            return None
        try:
            return self._named(year)
        except Exception:
            # The tables of some years have gaps and mistakes; weekends are known even so.
            return None

    def _named(self, year: int) -> dict[date, str]:
        eves = eves_of(self.country)
        fixed = {
            date.fromisoformat(f"{year}-{day}"): name
            for day, name in (eves.days.items() if eves else ())
        }
        return {**fixed, **dict(self._of(year))}

    def _of(self, *years: int) -> HolidayBase:
        eves = eves_of(self.country)
        return self._library(
            years=years,
            expand=False,
            subdiv=self.subdivision,
            language=self._language,
            categories=("public", *([eves.category] if eves and eves.category else ())),
        )

    @property
    def _language(self) -> str | None:
        languages = self._library.supported_languages
        return "en_US" if "en_US" in languages else None

    def _code_of(self, subdivision: str) -> str:
        known = self._library.subdivisions
        code = self._library.subdivisions_aliases.get(subdivision, subdivision)
        if code in known:
            return code
        country = name_of(self.country)
        choice = f"it has {', '.join(known)}" if known else "it has none"
        raise UnknownSubdivision(f"{subdivision!r} is not a part of {country} we know; {choice}")


def working_days(country: str, subdivision: str | None) -> WorkingDays | None:
    """None for a country that the library does not have."""
    known = library.country(country) if _CODE.fullmatch(country) else None
    if known is not None:
        return WorkingDays(known, subdivision)
    if subdivision is not None:
        raise UnknownSubdivision(
            f"{subdivision!r} is not a part of {country} we know; no calendar is known for it"
        )
    return None


def check(country: str, subdivision: str | None = None) -> None:
    """Raises `UnknownPlace` for a place without a calendar."""
    if working_days(country, subdivision) is None:
        raise UnknownPlace(f"no calendar is known for {country}")


def name_of(country: str) -> str:
    return _NAMES.get(country) or _names().get(country, country)


@cache
def _names() -> dict[str, str]:
    table = files("tzdata").joinpath("zoneinfo", "iso3166.tab").read_text("utf-8")
    rows = (line.split("\t") for line in table.splitlines() if not line.startswith("#"))
    return {code: name for code, name, *_ in rows}
