"""A small bench on the session's engine: what can be counted is held against the targets."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.client import Client

from bench import targets
from bench.journey import Traveller
from bench.measure import Measured, in_rounds, one_by_one
from bench.report import own_events
from bench.subjects import at_work
from cpor import engine

pytestmark = pytest.mark.thorough
ALIKE = (
    "started",
    "update accepted",
    "update completed",
    "timer started",
    "timer canceled",
    "timer fired",
    "activity task scheduled",
    "activity task completed",
)


@pytest.fixture(scope="module")
async def measured(
    temporal: engine.Engine, client: Client, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[tuple[Measured, Measured, Measured]]:
    traveller = await Traveller.connect(temporal.address, client.namespace)
    folder: Path = tmp_path_factory.mktemp("bench")
    async with at_work(traveller.client, folder) as subjects:
        all_of_them = (
            Measured(subjects.floor),
            Measured(subjects.claim),
            Measured(subjects.claim_with_real_activities),
        )
        await one_by_one(traveller, all_of_them, 5)
        await in_rounds(
            traveller,
            all_of_them,
            rounds=2,
            journeys=2,
            engine_pid=temporal.pids["server"],
            seconds=60,
        )
        yield all_of_them


async def test_what_can_be_counted_is_within_the_targets(
    measured: tuple[Measured, Measured, Measured],
) -> None:
    assert [str(each) for each in targets.of_counts(*measured) if not each.met] == []


async def test_the_floor_hears_waits_and_acts_as_often_as_a_claim(
    measured: tuple[Measured, Measured, Measured],
) -> None:
    for floor, *claims in zip(*(each.traces for each in measured), strict=True):
        for claim in claims:
            assert {kind: claim.kinds[kind] for kind in ALIKE} == {
                kind: floor.kinds[kind] for kind in ALIKE
            }


async def test_events_are_the_same_each_time(
    measured: tuple[Measured, Measured, Measured],
) -> None:
    for subject in measured:
        assert len({each.events for each in subject.traces}) == 1


async def test_what_a_claim_writes_of_its_own_is_named(
    measured: tuple[Measured, Measured, Measured],
) -> None:
    floor, claim, _ = measured
    assert "upsert workflow search attributes" in own_events(floor, claim)


async def test_rounds_tell_what_the_processes_used(
    measured: tuple[Measured, Measured, Measured],
) -> None:
    for subject in measured:
        assert len(subject.rounds) == 2
        assert subject.cpu >= subject.cpu_here > 0
        assert subject.per_second > 0
