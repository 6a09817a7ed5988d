"""How the end of a window is written, also where the clocks change at midnight."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from cpor.languages import dates, language
from cpor.rules import current_details
from tests import calendars

ENGLISH = language("en")
CAIRO = "Africa/Cairo"
SKIPPED_MIDNIGHT = datetime(2026, 4, 23, 22, tzinfo=UTC)
"""In Cairo the clocks go from Thursday 24:00 to Friday 01:00."""


def test_a_day_that_ends_at_a_midnight_the_clocks_skip_is_named_as_the_last_day() -> None:
    until = dates.until(SKIPPED_MIDNIGHT, CAIRO, ENGLISH)
    assert until == "the end of Thursday 23 April 2026 (Cairo time)"
    ended = dates.ended(SKIPPED_MIDNIGHT, CAIRO, ENGLISH)
    assert ended == "at the end of Thursday 23 April 2026 (Cairo time)"
    assert dates.last_day(SKIPPED_MIDNIGHT, CAIRO, ENGLISH) == "Thursday 23 April"


@pytest.mark.parametrize("code", ["de", "nl", "sv", "tr"])
def test_it_is_the_end_of_a_day_in_each_language(code: str) -> None:
    written = language(code)
    phrase = written.words["dates"]["until_end_of_day"]
    until = dates.until(SKIPPED_MIDNIGHT, CAIRO, written)
    assert until.startswith(phrase.partition("{day}")[0])
    assert "23" in until
    assert "01:00" not in until


@pytest.mark.parametrize(
    ("zone", "at", "until"),
    [
        ("UTC", "2026-11-27T00:00Z", "the end of Thursday 26 November 2026 (UTC)"),
        ("UTC", "2026-11-27T09:14Z", "Friday 27 November 2026, 09:14 UTC"),
        (CAIRO, "2026-04-23T23:00Z", "Friday 24 April 2026, 02:00 Cairo time"),
        (CAIRO, "2026-10-29T22:00Z", "the end of Thursday 29 October 2026 (Cairo time)"),
        # The clocks show this midnight twice; the day begins with the first.
        ("Atlantic/Azores", "2026-10-25T00:00Z", "the end of Saturday 24 October 2026"),
        ("Atlantic/Azores", "2026-10-25T01:00Z", "Sunday 25 October 2026, 00:00"),
        # Friday 30 December 2011 did not exist.
        ("Pacific/Apia", "2011-12-30T10:00Z", "the end of Thursday 29 December 2011"),
    ],
)
def test_an_end_is_the_end_of_a_day_or_a_minute(zone: str, at: str, until: str) -> None:
    assert dates.until(datetime.fromisoformat(at), zone, ENGLISH).startswith(until)


def test_operators_read_the_same_last_day() -> None:
    cairo = calendars.resolve("EG", date(2026, 4, 1))
    assert current_details.until(SKIPPED_MIDNIGHT, cairo) == "Thu 23 Apr 2026"
    an_hour_later = SKIPPED_MIDNIGHT.replace(hour=23)
    assert current_details.until(an_hour_later, cairo) == "Fri 24 Apr 2026 02:00 Africa/Cairo"
