"""Many mixed claims for a while, with kills, and how much memory a worker and Temporal hold.

    uv run python -m tests.stack.soak [--claims 2000] [--minutes 20] [--at-once 50] [--seed 7]

All but the first worker and Temporal, whose memory is looked at, are killed at random. After the
first quarter of the time it must not grow by more than a tenth. Both keep few claims in memory
here: a cache that is still filling would look like something that is never freed.
"""

from __future__ import annotations

import asyncio
import statistics
from argparse import ArgumentParser
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from cpor import exits
from tests.stack.killing import EVERYTHING, Claims, Report, compare, lived_through_kills
from tests.stack.kills import tell
from tests.stack.parts import Part
from tests.stack.people import People
from tests.stack.programs import programs
from tests.stack.running import running
from tests.stack.services import TEMPORAL, WORKERS

WATCHED: Final = (WORKERS[0], TEMPORAL)
VICTIMS: Final = tuple(name for name in EVERYTHING if name not in WATCHED)
EVERY: Final = 2.0
TOLD_EVERY: Final = 30
"""So many looks."""
MOST_GROWTH: Final = 0.10
FEW_CACHED: Final = {"CLAIMS_CACHED_CLAIMS": "50"}
LITTLE_CACHED: Final = {
    "history.cacheSizeBasedLimit": False,
    "history.hostLevelCacheMaxSize": 500,
    "history.xdcCacheMaxSizeBytes": 256 * 1024,
}
"""Full within minutes. With room for only 100, updates were forgotten on their way to a worker."""


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
        for _ in range(TOLD_EVERY):
            for name, seen in samples.items():
                seen.append(mebibytes(people.stack.parts[name]))
            await asyncio.sleep(EVERY)
        tell(", ".join(f"{name} {seen[-1]:.0f} MiB" for name, seen in samples.items()))


async def main(claims: Claims, minutes: float) -> int:
    report, samples = Report(), {name: list[float]() for name in WATCHED}
    async with running(await programs(tell), FEW_CACHED, LITTLE_CACHED) as stack:
        people = await People.of(stack)
        looking = asyncio.create_task(watched(people, samples))
        try:
            await lived_through_kills(people, VICTIMS, 60 * minutes, claims, report, tell)
        finally:
            looking.cancel()
        await compare(people, report)
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
    exits.run(main(Claims(wanted.at_once, wanted.seed, wanted.claims), wanted.minutes))
