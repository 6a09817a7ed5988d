"""The engine is killed on its file with claims in flight. `engine_kills` has the long form."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.reliability.engine_kills import killed


@pytest.mark.thorough
async def test_three_kills_of_the_engine_lose_nothing_and_do_nothing_twice(tmp_path: Path) -> None:
    report = await killed(tmp_path, kills=3, claims=30, seed=7)
    assert not report.lost, report
    assert not report.wrong, report
    assert report.kills == 3
