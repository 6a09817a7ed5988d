"""Instants as people read them: the end of a day is called so, not the midnight after it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache

from babel import Locale
from babel.dates import format_date, format_time, get_timezone_location

from cpor.calendars import time_zone
from cpor.languages import Language

INSTANT = timedelta(microseconds=1)


def printed(end: datetime) -> datetime:
    """The end of a window as we print it: never later than it is."""
    return end.replace(second=0, microsecond=0)


def moment(at: datetime, zone: str, language: Language) -> str:
    """Friday 27 November 2026, 09:14 UTC"""
    return _said(language, "moment", at.astimezone(time_zone(zone)), zone)


def day(at: datetime, zone: str, language: Language) -> str:
    """27 November 2026"""
    return format_date(at.astimezone(time_zone(zone)), "d MMMM y", language.locale)


def until(at: datetime, zone: str, language: Language) -> str:
    """What follows "until" or "by": the end of Thursday 26 November 2026 (UTC)"""
    return _end(at, zone, language, of_day="until_end_of_day", within_day="until_moment")


def ended(at: datetime, zone: str, language: Language) -> str:
    """What follows "ran out": at the end of Thursday 26 November 2026 (UTC)"""
    return _end(at, zone, language, of_day="ended_with_day", within_day="ended_moment")


def last_day(at: datetime, zone: str, language: Language) -> str:
    """The day in short, for a subject: Thursday 26 November"""
    local = _just_before(at, zone)
    return format_date(local, language.words["dates"]["day_of_year"], language.locale)


def _end(at: datetime, zone: str, language: Language, of_day: str, within_day: str) -> str:
    """A day ends where the next one begins: where the clocks skip midnight, that is at 01:00."""
    before, local = _just_before(at, zone), at.astimezone(time_zone(zone))
    if before.date() < local.date():
        return _said(language, of_day, before, zone)
    return _said(language, within_day, local, zone)


def _just_before(at: datetime, zone: str) -> datetime:
    return (at.astimezone(UTC) - INSTANT).astimezone(time_zone(zone))


def _said(language: Language, phrase: str, local: datetime, zone: str) -> str:
    words = language.words["dates"]
    return words[phrase].format(
        day=format_date(local, words["day"], language.locale),
        time=format_time(local, words["time"], tzinfo=local.tzinfo, locale=language.locale),
        zone=_place(zone, language),
    )


def _place(zone: str, language: Language) -> str:
    """Berlin time. A zone without a place keeps its name: UTC"""
    if "/" not in zone or zone.startswith("Etc/"):
        return zone.removeprefix("Etc/")
    return language.words["dates"]["zone"].format(city=_city(zone, language.locale))


@cache
def _city(zone: str, locale: Locale) -> str:
    return get_timezone_location(zone, locale=locale, return_city=True)
