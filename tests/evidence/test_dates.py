"""Dates in proof, in the languages of the mails."""

from __future__ import annotations

from datetime import date

import pytest

from cpor.evidence.dates import dates_in

DAY = date(2026, 3, 2)


def means(text: str) -> list[tuple[date, ...]]:
    return [found.means for found in dates_in(text)]


@pytest.mark.parametrize(
    "text",
    [
        *("2026-03-02", "02.03.2026", "2. 3. 2026", "2-3-2026", "02.03.26"),
        *("2 March 2026", "March 2, 2026", "2nd of March 2026", "Mar. 2, 2026"),
        *("2. März 2026", "am 2. Mrz. 2026"),
        *("2 maart 2026", "den 2 mars 2026", "den 2:e mars 2026", "2 Mart 2026'da"),
    ],
)
def test_a_date_is_read_as_it_is_written_in_each_language(text: str) -> None:
    assert means(text) == [(DAY,)]


def test_what_can_be_read_two_ways_is_two_dates() -> None:
    assert means("03/04/2026") == [(date(2026, 4, 3), date(2026, 3, 4))]
    assert means("31/12/2025") == [(date(2025, 12, 31),)]


@pytest.mark.parametrize(
    "text",
    ["version 1.2.2026.4", "31.02.2026", "10.0.0.1", "2 users 2026", "1850-01-01", "03/2026"],
)
def test_what_only_looks_like_a_date_is_none(text: str) -> None:
    assert means(text) == []
