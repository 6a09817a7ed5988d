"""What a clock's sum looks like, whatever became of the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime

from cpor.cli.output import sums
from cpor.rules.deadlines import Pause, Skipped
from cpor.rules.views import ClockView


def a_clock(**changes: object) -> ClockView:
    return ClockView.model_validate(
        {
            "clock": "review",
            "state": "running",
            "started_at": datetime(2026, 3, 5, 17, tzinfo=UTC),
            "rule": "2 business days",
            "edition": "2020",
            "calendar": "United States, Washington",
            "zone": "America/Los_Angeles",
            "counted": [date(2026, 3, 6), date(2026, 3, 9)],
            "skipped": [
                Skipped(day=date(2026, 3, 7), why="Saturday"),
                Skipped(day=date(2026, 3, 8), why="Sunday"),
            ],
            "pauses": [],
            "extended": 0,
            "end": datetime(2026, 3, 10, 7, tzinfo=UTC),
            **changes,
        }
    )


def test_the_rule_names_its_edition_and_each_day_its_weekday() -> None:
    assert sums.sum_of(a_clock()) == [
        "rule      2 business days of edition 2020",
        "calendar  United States, Washington",
        "started   Thu 05 Mar 2026 17:00 UTC = Thu 05 Mar 2026 09:00 America/Los_Angeles",
        "       1  Fri 06 Mar 2026",
        "       –  Sat 07 Mar 2026",
        "       –  Sun 08 Mar 2026",
        "       2  Mon 09 Mar 2026",
        "ends      with Mon 09 Mar 2026 in America/Los_Angeles = Tue 10 Mar 2026 07:00 UTC",
    ]


def test_an_extension_is_part_of_the_rule() -> None:
    lines = sums.sum_of(a_clock(extended=1))
    assert lines[0] == "rule      2 business days of edition 2020, extended by 1 business day"


def test_a_pause_stands_among_the_days() -> None:
    asked, answered = datetime(2026, 3, 6, 17, tzinfo=UTC), datetime(2026, 3, 6, 18, tzinfo=UTC)
    lines = sums.sum_of(a_clock(pauses=[Pause(since=asked, until=answered)]))
    assert lines[4] == (
        "  paused  Fri 06 Mar 2026 17:00 UTC = Fri 06 Mar 2026 09:00 America/Los_Angeles, until "
        "Fri 06 Mar 2026 18:00 UTC = Fri 06 Mar 2026 10:00 America/Los_Angeles"
    )


def test_a_clock_that_stands_still_has_no_end_yet() -> None:
    asked = Pause(since=datetime(2026, 3, 6, 17, tzinfo=UTC))
    lines = sums.sum_of(a_clock(state="paused", pauses=[asked], end=None, zone="UTC"))
    assert "  paused  Fri 06 Mar 2026 17:00 UTC, and not gone on yet" in lines
    assert lines[-1] == "ends      not known yet: the clock does not run"


def test_a_clock_that_has_not_begun_says_so() -> None:
    lines = sums.sum_of(a_clock(state="waiting", started_at=None, counted=[], skipped=[], end=None))
    assert lines[-1] == "started   not yet"


def test_days_of_24_hours_end_at_the_hour_they_began() -> None:
    end = datetime(2026, 3, 12, 17, tzinfo=UTC)
    lines = sums.sum_of(a_clock(rule="7 days", counted=[], skipped=[], end=end))
    assert lines[0] == "rule      7 days of edition 2020, 24 hours each"
    assert lines[-1] == (
        "ends      Thu 12 Mar 2026 17:00 UTC = Thu 12 Mar 2026 10:00 America/Los_Angeles"
    )
