"""The command: an engine of its own, the journeys, the figures, the targets."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from typing import NoReturn

from rich.console import Console

from bench import report, targets
from bench.ground import ground
from bench.measure import Measured, in_rounds, one_by_one
from cpor import exits

HISTORIES = 10
SECONDS = 300.0


def main() -> NoReturn:
    parser = ArgumentParser(
        prog="bench/claims.py",
        description="Measure a claim's happy journey against the least workflow that does as much.",
    )
    parser.add_argument(
        "--rounds", type=_at_least(0), default=7, help="rounds for CPU; 0: counts only (default 7)"
    )
    parser.add_argument(
        "--claims", type=_at_least(1), default=20, help="journeys at once in a round (default 20)"
    )
    wanted = parser.parse_args()
    exits.run(measure(wanted.rounds, wanted.claims))


async def measure(rounds: int, journeys: int) -> int:
    console = Console(highlight=False)
    async with ground() as (traveller, subjects, engine_pid):
        floor, claim, real, signed = (
            Measured(subjects.floor),
            Measured(subjects.claim),
            Measured(subjects.claim_with_real_activities),
            Measured(subjects.signed_claim),
        )
        all_of_them = (floor, claim, real, signed)
        await one_by_one(traveller, all_of_them, HISTORIES)
        await in_rounds(
            traveller,
            all_of_them,
            rounds=rounds,
            journeys=journeys,
            engine_pid=engine_pid,
            seconds=SECONDS,
        )
    console.print(report.figures(floor, claim, real))
    console.print(f"A claim's own events: {report.own_events(floor, claim)}.", soft_wrap=True)
    console.print(f"With proofs required also: {report.own_events(claim, signed)}.", soft_wrap=True)
    console.print(f"{HISTORIES} histories; {len(claim.rounds)} rounds of {journeys} journeys each.")
    console.print(report.HOW_COUNTED, soft_wrap=True)
    verdicts = list(targets.of_counts(floor, claim, real))
    if claim.rounds:
        verdicts.append(targets.of_cpu(floor, claim))
        verdicts.append(targets.of_proofs(claim, signed))
    for verdict in verdicts:
        console.print(str(verdict), soft_wrap=True)
    return 0 if all(verdict.met for verdict in verdicts) else 1


def _at_least(least: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            raise ArgumentTypeError(f"must be a number, {least} or more")
        return int(text)

    return number
