"""Instants as people read them. A day that ends at midnight is named, not the midnight after."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from babel.dates import format_date, format_time, get_timezone_location

from cpor.calendars import named
from cpor.languages import Language


def printed(end: datetime) -> datetime:
    """An end as it is promised: on the minute before rather than after."""
    return end.replace(second=0, microsecond=0)


def moment(at: datetime, zone: str, language: Language) -> str:
    """Friday 27 November 2026, 09:14 UTC"""
    return _said(language, "moment", at.astimezone(named(zone)), zone)


def until(at: datetime, zone: str, language: Language) -> str:
    """What follows "until" or "by": the end of Thursday 26 November 2026 (UTC)"""
    local = at.astimezone(named(zone))
    if local.time() != time.min:
        return _said(language, "until_moment", local, zone)
    return _said(language, "until_end_of_day", local - timedelta(days=1), zone)


def ended(at: datetime, zone: str, language: Language) -> str:
    """What follows "ran out": at the end of Thursday 26 November 2026 (UTC)"""
    local = at.astimezone(named(zone))
    if local.time() != time.min:
        return _said(language, "ended_moment", local, zone)
    return _said(language, "ended_with_day", local - timedelta(days=1), zone)


def last_day(at: datetime, zone: str, language: Language) -> str:
    """The day in short, for a subject: Thursday 26 November"""
    local = at.astimezone(named(zone)) - timedelta(microseconds=1)
    return format_date(local, language.words["dates"]["day_of_year"], language.locale)


def _said(language: Language, phrase: str, local: datetime, zone: str) -> str:
    words = language.words["dates"]
    return words[phrase].format(
        day=format_date(local, words["day"], language.locale),
        time=format_time(local, words["time"], tzinfo=local.tzinfo, locale=language.locale),
        zone=_place(zone, language),
    )


def _place(zone: str, language: Language) -> str:
    """Berlin time. Zones that are of no place are called as they are: UTC"""
    if "/" not in zone or zone.startswith("Etc/"):
        return zone.removeprefix("Etc/")
    city = get_timezone_location(zone, locale=language.locale, return_city=True)
    return language.words["dates"]["zone"].format(city=city)
