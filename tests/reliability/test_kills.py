"""Workers are killed in the middle of whole journeys, and each ends as if nobody had been.

Here two workers die in one journey. Each boundary of each journey is the long form:
`uv run python -m tests.reliability.kills`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from temporalio.client import Client

from tests.reliability.kills import JOURNEYS, compared, played

SHORT = [9, 26]


async def ends_as_undisturbed(
    client: Client, folder: Path, journey: str, lives: Sequence[int]
) -> None:
    place = f"{[*JOURNEYS].index(journey)}-{len(lives)}"
    undisturbed, _ = await played(client, folder / f"alone-{place}", journey, [])
    report = await compared(client, folder / f"killed-{place}", journey, undisturbed, lives)
    assert not report.wrong, "\n".join(report.wrong)
    assert report.kills >= len(SHORT)


@pytest.mark.thorough
async def test_two_workers_are_killed_and_a_claim_ends_as_undisturbed(
    client: Client, tmp_path: Path
) -> None:
    await ends_as_undisturbed(client, tmp_path, "the customer says no", SHORT)
