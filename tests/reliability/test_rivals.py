"""Claims about the same items, while workers are killed, end with one holder an item or none.

The long form is a command: `uv run python -m tests.reliability.rivals`.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from temporalio.client import Client

from tests.reliability.rivals import Plan, played


@pytest.mark.thorough
async def test_of_claims_about_the_same_items_one_is_approved_whoever_is_killed(
    client: Client, tmp_path: Path
) -> None:
    plan = Plan(seed=7, claims=6, items=2, partners=3, lives=(40, 80))
    found = await played(client, tmp_path / "rivals", plan)
    assert not found.wrong, "\n".join(found.wrong)
    assert found.counts["claims"] == plan.claims
    assert found.counts["awarded"] >= 1
    assert found.counts["workers killed"] >= 1
