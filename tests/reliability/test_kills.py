"""Workers are killed in the middle of whole journeys, and each ends as if nobody had been.

Here each worker lives a few boundaries longer than the one before it. Each boundary alone is the
long form: `uv run python -m tests.reliability.kills`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from temporalio.client import Client

from tests.reliability.kills import JOURNEYS, compared, played

SHORT = [9, 26]
LONG = [*range(5, 33, 3)]
AT_ONCE = 3


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


@pytest.mark.thorough
async def test_worker_after_worker_is_killed_and_each_journey_ends_as_undisturbed(
    client: Client, tmp_path: Path
) -> None:
    places = asyncio.Semaphore(AT_ONCE)

    async def one(journey: str) -> None:
        async with places:
            await ends_as_undisturbed(client, tmp_path, journey, LONG)

    await asyncio.gather(*map(one, JOURNEYS))
