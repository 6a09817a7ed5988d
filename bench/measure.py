"""Journeys one by one for what they leave in history, and in rounds for what they cost in CPU."""

from __future__ import annotations

import asyncio
import gc
import itertools
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from statistics import median

from bench.cpu import Cpu, used
from bench.history import Traces, traces
from bench.journey import Traveller
from bench.subjects import Subject

_numbers = itertools.count(1)


@dataclass(frozen=True)
class Round:
    cpu: Cpu
    """For one journey."""
    per_second: float


@dataclass
class Measured:
    subject: Subject
    traces: list[Traces] = field(default_factory=list[Traces])
    rounds: list[Round] = field(default_factory=list[Round])

    @property
    def events(self) -> float:
        return median(each.events for each in self.traces)

    @property
    def tasks(self) -> float:
        return median(each.tasks for each in self.traces)

    @property
    def actions(self) -> float:
        return median(each.actions for each in self.traces)

    @property
    def bytes(self) -> float:
        return median(each.bytes for each in self.traces)

    @property
    def transitions(self) -> float:
        return median(each.transitions for each in self.traces)

    @property
    def cpu(self) -> float:
        return median(each.cpu.total for each in self.rounds)

    @property
    def cpu_here(self) -> float:
        return median(each.cpu.here for each in self.rounds)

    @property
    def cpu_engine(self) -> float | None:
        known = [each.cpu.engine for each in self.rounds if each.cpu.engine is not None]
        return median(known) if known else None

    @property
    def per_second(self) -> float:
        return median(each.per_second for each in self.rounds)

    @property
    def carried(self) -> float:
        return median(each.carried for each in self.traces)


@dataclass(frozen=True)
class Times:
    """What one costs, as so many times the other: of rounds that ran beside each other."""

    rounds: Sequence[float]

    @classmethod
    def of(cls, one: Measured, other: Measured, figure: Callable[[Round], float]) -> Times:
        pairs = zip(one.rounds, other.rounds, strict=True)
        return cls([figure(first) / figure(second) for first, second in pairs])

    @property
    def median(self) -> float:
        return median(self.rounds)

    def __str__(self) -> str:
        return f"{self.median:.2f} ({min(self.rounds):.2f} to {max(self.rounds):.2f})"


async def one_by_one(traveller: Traveller, all_of_them: Sequence[Measured], count: int) -> None:
    for _ in range(count):
        for measured in all_of_them:
            (workflow_id,) = _ready(measured.subject, 1)
            handle = await traveller.go(measured.subject, workflow_id)
            measured.traces.append(await traces(traveller.client, handle))


async def in_rounds(
    traveller: Traveller,
    all_of_them: Sequence[Measured],
    *,
    rounds: int,
    journeys: int,
    engine_pid: int,
    seconds: float,
) -> None:
    """Interleaved; no new round begins after so many seconds."""
    end = time.monotonic() + seconds
    for number in range(rounds):
        for measured in _turned(all_of_them, number):
            measured.rounds.append(await _round(traveller, measured.subject, journeys, engine_pid))
        if time.monotonic() > end:
            return


async def _round(traveller: Traveller, subject: Subject, journeys: int, engine_pid: int) -> Round:
    workflow_ids = _ready(subject, journeys)
    gc.collect()
    cpu, began = used(engine_pid, subject.readers()), time.monotonic()
    await asyncio.gather(*(traveller.go(subject, each) for each in workflow_ids))
    return Round(
        cpu=(used(engine_pid, subject.readers()) - cpu) / journeys,
        per_second=journeys / (time.monotonic() - began),
    )


def _ready(subject: Subject, count: int) -> Sequence[str]:
    workflow_ids = [f"BENCH-{number:06}" for number in itertools.islice(_numbers, count)]
    for workflow_id in workflow_ids:
        subject.make_ready(workflow_id)
    return workflow_ids


def _turned(all_of_them: Sequence[Measured], by: int) -> Sequence[Measured]:
    """Each goes first as often as the others."""
    start = by % len(all_of_them)
    return [*all_of_them[start:], *all_of_them[:start]]
