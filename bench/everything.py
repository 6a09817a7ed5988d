"""All timed figures with their goals, as a table and as JSON, with machine and versions."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import asdict
from importlib.metadata import version
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench import life, mails, messages
from bench.command import SECONDS
from bench.figure import Figure
from bench.ground import ground
from bench.journey import Traveller
from bench.measure import Measured, Round, Times, in_rounds
from bench.subjects import Subjects

LIBRARIES = ("temporalio", "pydantic", "aiosmtplib", "jinja2")


async def measure(file: Path | None, rounds: int, journeys: int, cached: int) -> int:
    figures = [
        Figure("a whole life in the pure rules, ms of CPU", life.milliseconds(), at_most=3.0),
        Figure("500th message ÷ 10th, in the rules", life.growth(), at_most=1.2),
        Figure(
            "mails a second ÷ the library alone", await mails.beside_the_library(), at_least=0.8
        ),
    ]
    async with ground() as (traveller, subjects, engine_pid):
        figures += await _of_journeys(traveller, subjects, engine_pid, rounds, journeys)
        replays = await messages.replays(traveller, subjects)
        trips = await messages.round_trips(traveller, subjects, at_once=50)
        memory = await messages.memory(traveller, subjects, cached)
        figures += [
            Figure("replay of 300 events, CPU ÷ floor", replays, at_most=1.5),
            Figure("update, p50 of 50 on their way ÷ floor", trips, at_most=1.15),
            Figure("memory of a cached claim ÷ floor", memory, at_most=1.5),
        ]
    _print(figures)
    if file is not None:
        kept = {"machine": _machine(), "figures": [asdict(each) for each in figures]}
        file.write_text(f"{json.dumps(kept, indent=1, ensure_ascii=False)}\n", "utf-8")
    return 0 if all(each.met for each in figures) else 1


async def _of_journeys(
    traveller: Traveller, subjects: Subjects, engine_pid: int, rounds: int, journeys: int
) -> Sequence[Figure]:
    floor, claim = Measured(subjects.floor), Measured(subjects.claim)
    real = Measured(subjects.claim_with_real_activities)
    await in_rounds(
        traveller,
        (floor, claim, real),
        rounds=rounds,
        journeys=journeys,
        engine_pid=engine_pid,
        seconds=SECONDS,
    )

    def cpu(each: Round) -> float:
        return each.cpu.total

    def rate(each: Round) -> float:
        return each.per_second

    loop, whole = Times.of(claim, floor, cpu), Times.of(real, floor, cpu)
    fast, whole_fast = Times.of(claim, floor, rate), Times.of(real, floor, rate)
    return [
        Figure("CPU of the loop ÷ floor", loop.median, at_most=1.25, spread=str(loop)),
        Figure("CPU with real activities ÷ floor", whole.median, at_most=1.6, spread=str(whole)),
        Figure("claims a second ÷ floor", fast.median, at_least=0.9, spread=str(fast)),
        Figure(
            "the same with real activities",
            whole_fast.median,
            at_least=0.65,
            spread=str(whole_fast),
        ),
    ]


def _print(figures: Sequence[Figure]) -> None:
    table = Table("", "figure", "goal", "", "median (least to most)")
    for each in figures:
        met = ("met" if each.met else "missed") if each.goal else ""
        table.add_row(each.name, f"{each.value:.2f}", each.goal, met, each.spread)
    console = Console(highlight=False)
    console.print(table)
    console.print(", ".join(f"{name} {value}" for name, value in _machine().items()))


def _machine() -> dict[str, str]:
    return {
        "cores": str(os.cpu_count()),
        "load": f"{os.getloadavg()[0]:.1f}",
        "system": platform.platform(),
        "python": platform.python_version(),
        **{name: version(name) for name in LIBRARIES},
    }
