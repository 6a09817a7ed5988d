"""Claims want the same items while workers die: the short form of `tests.reliability.rivals`."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import engines
from tests.reliability.rivals import Plan, played

pytestmark = pytest.mark.thorough


async def test_each_item_ends_with_one_holder_or_none_whoever_dies(tmp_path: Path) -> None:
    plan = Plan(seed=7, claims=20, items=5, partners=4, lives=(40, 400))
    async with engines.that_skips_time() as client:
        found = await played(client, tmp_path / "rivals", plan)
    assert not found.wrong
    assert found.counts["claims"] == 20
    assert found.counts["awarded"]
    assert found.counts["refused: held_by_rival"] + found.counts["displaced"]
    assert found.counts["workers killed"]
