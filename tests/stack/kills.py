"""Kills everything at random while claims are in flight, and counts what is lost.

    uv run python -m tests.stack.kills [--claims 100] [--minutes 10] [--seed 7] [PART …]

Temporal, its database, store, mailbox, page, incentive engine and both workers die without a
warning, one after the other, and start again after a moment; where parts are named, only these
do. People insist until they are answered.
"""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Sequence

from cpor import exits
from tests.stack.killing import EVERYTHING, Claims, Report, compare, lived_through_kills
from tests.stack.people import People
from tests.stack.programs import programs
from tests.stack.running import running


def tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


async def main(victims: Sequence[str], minutes: float, claims: Claims) -> int:
    report = Report()
    async with running(await programs(tell)) as stack:
        people = await People.of(stack)
        await lived_through_kills(people, victims, 60 * minutes, claims, report, tell)
        await compare(people, report)
    tell(str(report))
    return 1 if report.lost or report.wrong else 0


if __name__ == "__main__":
    parser = ArgumentParser(prog="tests.stack.kills")
    parser.add_argument("--claims", type=int, default=100, help="in flight at any time")
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("parts", nargs="*", help=f"of {', '.join(EVERYTHING)}")
    wanted = parser.parse_args()
    if unknown := {*wanted.parts} - {*EVERYTHING}:
        parser.error(f"no part: {', '.join(sorted(unknown))}")
    claims = Claims(wanted.claims, wanted.seed)
    exits.run(main(wanted.parts or EVERYTHING, wanted.minutes, claims))
