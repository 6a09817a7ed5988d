"""Kills everything at random while claims are in flight, and counts what is lost.

    uv run python -m tests.stack.kills [--claims 100] [--minutes 10] [--seed 7]

Temporal, its database, store, mailbox, page, incentive engine and both workers die without a
warning, one after the other, and start again after a moment. People insist until they are answered.
"""

from __future__ import annotations

import asyncio
import sys
from argparse import ArgumentParser

from cpor import exits
from tests.stack.killing import EVERYTHING, Report, compare, killing, lived
from tests.stack.people import People
from tests.stack.programs import programs
from tests.stack.running import running


async def everything_killed(people: People, claims: int, seconds: float, seed: int) -> Report:
    report = Report()
    kills = asyncio.create_task(killing(people, EVERYTHING, seconds, seed, report))
    try:
        lives = await lived(people, claims, seed, lambda _: not kills.done(), report)
        await kills
    finally:
        kills.cancel()
    await compare(people, lives, report)
    return report


async def main(claims: int, minutes: float, seed: int) -> int:
    def tell(text: str) -> None:
        sys.stdout.write(f"{text}\n")
        sys.stdout.flush()

    async with running(await programs(tell)) as stack:
        report = await everything_killed(await People.of(stack), claims, 60 * minutes, seed)
    tell(str(report))
    return 1 if report.lost or report.wrong else 0


if __name__ == "__main__":
    parser = ArgumentParser(prog="tests.stack.kills")
    parser.add_argument("--claims", type=int, default=100, help="in flight at any time")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=7)
    wanted = parser.parse_args()
    exits.run(main(wanted.claims, wanted.minutes, wanted.seed))
