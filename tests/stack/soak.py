"""Many mixed claims for a while, with kills, and how much memory a worker and Temporal hold.

    uv run python -m tests.stack.soak [--claims 2000] [--minutes 20] [--at-once 50] [--seed 7]

All but the first worker and Temporal, whose memory is looked at, are killed at random. After the
first quarter of the time it must not grow by more than a tenth.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from cpor import exits
from tests.stack.killing import EVERYTHING, Report, compare, killing, lived
from tests.stack.parts import Part
from tests.stack.people import People
from tests.stack.programs import programs
from tests.stack.running import running
from tests.stack.services import TEMPORAL, WORKERS

WATCHED: Final = (WORKERS[0], TEMPORAL)
VICTIMS: Final = tuple(name for name in EVERYTHING if name not in WATCHED)
EVERY: Final = 2.0
MOST_GROWTH: Final = 0.10


def mebibytes(part: Part) -> float:
    """What it holds in memory now."""
    status = Path(f"/proc/{part.pid}/status").read_text()
    (line,) = (each for each in status.splitlines() if each.startswith("VmRSS:"))
    return int(line.split()[1]) / 1024


def growth(samples: Sequence[float]) -> tuple[float, float, float]:
    """The medians of the second and of the last quarter, and by which part it grew."""
    quarter = len(samples) // 4
    before = statistics.median(samples[quarter : 2 * quarter])
    after = statistics.median(samples[-quarter:])
    return before, after, after / before - 1


async def watched(people: People, samples: Mapping[str, list[float]]) -> None:
    while True:
        for name, seen in samples.items():
            seen.append(mebibytes(people.stack.parts[name]))
        await asyncio.sleep(EVERY)


async def soaked(
    people: People, claims: int, seconds: float, at_once: int, seed: int
) -> tuple[Report, Mapping[str, list[float]]]:
    report, samples = Report(), {name: list[float]() for name in WATCHED}
    kills = asyncio.create_task(killing(people, VICTIMS, seconds, seed, report))
    looking = asyncio.create_task(watched(people, samples))

    def goes_on(lives: int) -> bool:
        return lives < claims and not kills.done()

    try:
        lives = await lived(people, at_once, seed, goes_on, report)
    finally:
        looking.cancel()
    await kills
    await compare(people, lives, report)
    return report, samples


async def main(claims: int, minutes: float, at_once: int, seed: int) -> int:
    def tell(text: str) -> None:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()

    async with running(await programs(tell)) as stack:
        people = await People.of(stack)
        report, samples = await soaked(people, claims, 60 * minutes, at_once, seed)
    tell(str(report))
    grown: list[float] = []
    for name, seen in samples.items():
        before, after, by = growth(seen)
        grown.append(by)
        tell(f"{name}: {before:.0f} MiB in the second quarter, {after:.0f} in the last, {by:+.1%}")
    return 1 if report.lost or report.wrong or max(grown) > MOST_GROWTH else 0


if __name__ == "__main__":
    parser = ArgumentParser(prog="tests.stack.soak")
    parser.add_argument("--claims", type=int, default=2000)
    parser.add_argument("--minutes", type=float, default=20)
    parser.add_argument("--at-once", type=int, default=50)
    parser.add_argument("--seed", type=int, default=7)
    wanted = parser.parse_args()
    exits.run(main(wanted.claims, wanted.minutes, wanted.at_once, wanted.seed))
