"""Dates in a text, in the languages of the mails. What can be read two ways is two dates."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache

LANGUAGES = ("en", "de", "nl", "sv", "tr")
FIRST_YEAR = 1990
LAST_YEAR = 2100

_ISO = r"(?P<iso>\d{4})-(?P<iso_month>\d{1,2})-(?P<iso_day>\d{1,2})"
_NUMBERS = r"(?P<a>\d{1,2})(?P<sign>[./-])\s?(?P<b>\d{1,2})(?P=sign)\s?(?P<year>\d{4}|\d{2})"
_DAY_FIRST = (
    r"(?P<day>\d{1,2})(?:\.|st|nd|rd|th|:e)?\s+(?:of\s+)?(?P<month>[^\W\d_]{3,12})\.?,?\s+"
    r"(?P<year_2>\d{4})"
)
_MONTH_FIRST = (
    r"(?P<month_3>[^\W\d_]{3,12})\.?\s+(?P<day_3>\d{1,2})(?:st|nd|rd|th)?,?\s+(?P<year_3>\d{4})"
)
_DATE = re.compile(rf"(?<![\w./-])(?:{_ISO}|{_NUMBERS}|{_DAY_FIRST}|{_MONTH_FIRST})(?!\d|[./-]\d)")


@dataclass(frozen=True)
class FoundDate:
    """A date as it stands in a text, and each day it can mean."""

    at: int
    text: str
    means: tuple[date, ...]


def dates_in(text: str) -> Iterator[FoundDate]:
    for found in _DATE.finditer(text):
        if means := tuple(dict.fromkeys(_means(found))):
            yield FoundDate(found.start(), found.group(), means)


def _means(found: re.Match[str]) -> Iterator[date]:
    part = found.groupdict()
    if part["iso"]:
        yield from _date(part["iso"], part["iso_month"], part["iso_day"])
    elif part["sign"]:
        year = part["year"] if len(part["year"]) == 4 else f"20{part['year']}"
        yield from _date(year, part["b"], part["a"])
        if part["sign"] == "/":
            yield from _date(year, part["a"], part["b"])
    elif part["month"]:
        yield from _date(part["year_2"], _month(part["month"]), part["day"])
    else:
        yield from _date(part["year_3"], _month(part["month_3"]), part["day_3"])


def _date(year: str, month: str | int | None, day: str) -> Iterator[date]:
    if month is None or not FIRST_YEAR <= int(year) <= LAST_YEAR:
        return
    try:
        yield date(int(year), int(month), int(day))
    except ValueError:
        return


@cache
def _month(word: str) -> int | None:
    """The month it names in any of the languages."""
    import dateparser

    found = dateparser.parse(
        f"1 {word} 2000",
        languages=list(LANGUAGES),
        settings={"REQUIRE_PARTS": ["day", "month", "year"], "DATE_ORDER": "DMY"},
    )
    return found.month if found and found.year == 2000 and found.day == 1 else None
