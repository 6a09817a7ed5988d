"""Everything of the stack is killed with claims in flight. `kills` has the long form."""

from __future__ import annotations

import pytest

from tests.stack.killing import EVERYTHING, Claims, Report, compare, lived_through_kills
from tests.stack.people import People
from tests.stack.soak import growth


@pytest.mark.thorough
async def test_what_is_killed_at_random_loses_nothing_and_does_nothing_twice(
    people: People,
) -> None:
    report = Report()
    await lived_through_kills(people, EVERYTHING, 40, Claims(at_once=8, seed=11), report, print)
    await compare(people, report)
    assert not report.lost, report
    assert not report.wrong, report
    assert report.kills.total() > 1


def test_memory_that_grows_after_the_first_quarter_is_seen() -> None:
    start = [50.0 + each for each in range(25)]
    assert growth([*start, *[100.0] * 75]) == (100.0, 100.0, 0.0)
    before, after, by = growth([*start, *[100.0 + each for each in range(75)]])
    assert before < after
    assert by > 0.3
