"""Workers are killed in the middle of whole journeys, and each ends as if nobody had been.

Here each worker lives a few boundaries longer than the one before it. Each boundary alone is the
long form: `uv run python -m tests.reliability.kills`.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from temporalio.client import Client

from tests.reliability.kills import JOURNEYS, compared, played

SHORT = [9, 26]
LONG = [*range(5, 33, 3)]


@pytest.mark.parametrize(
    ("journey", "lives"),
    [
        ("the customer says no", SHORT),
        *(pytest.param(each, LONG, marks=pytest.mark.thorough) for each in JOURNEYS),
    ],
)
async def test_whatever_kills_the_workers_the_claim_ends_as_undisturbed(
    client: Client, tmp_path: Path, journey: str, lives: list[int]
) -> None:
    alone, killed = (
        tmp_path / f"{each}-{lives[0]}{[*JOURNEYS].index(journey)}" for each in ("a", "k")
    )
    undisturbed, _ = await played(client, alone, journey, [])
    report = await compared(client, killed, journey, undisturbed, lives)
    assert not report.wrong, "\n".join(report.wrong)
    assert report.kills >= len(SHORT)
