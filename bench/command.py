"""The command: an engine of its own, the journeys, the figures, the targets."""

from __future__ import annotations

import sys
from argparse import ArgumentParser, ArgumentTypeError
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from bench import report, targets
from bench.ground import ground
from bench.journey import Traveller
from bench.measure import Measured, in_rounds, one_by_one
from bench.subjects import Subjects
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
    async with ground() as (traveller, subjects, engine_pid):
        found = await journeys_of(traveller, subjects, engine_pid, rounds, journeys)
    tell(found, journeys)
    verdicts = list(targets.of_counts(found.floor, found.claim, found.real))
    if found.claim.rounds:
        verdicts.append(targets.of_cpu(found.floor, found.claim))
        verdicts.append(targets.of_proofs(found.claim, found.signed))
    for verdict in verdicts:
        print_line(str(verdict))
    return 0 if all(verdict.met for verdict in verdicts) else 1


@dataclass(frozen=True)
class Journeys:
    floor: Measured
    floor_with_neighbour: Measured
    claim: Measured
    real: Measured
    signed: Measured


async def journeys_of(
    traveller: Traveller, subjects: Subjects, engine_pid: int, rounds: int, journeys: int
) -> Journeys:
    found = Journeys(
        Measured(subjects.floor),
        Measured(subjects.floor_with_neighbour),
        Measured(subjects.claim),
        Measured(subjects.claim_with_real_activities),
        Measured(subjects.signed_claim),
    )
    counted = (found.floor, found.claim, found.real, found.signed)
    await one_by_one(traveller, counted, HISTORIES)
    await in_rounds(
        traveller,
        (*counted, found.floor_with_neighbour),
        rounds=rounds,
        journeys=journeys,
        engine_pid=engine_pid,
        seconds=SECONDS,
    )
    return found


def tell(found: Journeys, journeys: int) -> None:
    print_line(report.figures(found.floor, found.claim, found.real, found.floor_with_neighbour))
    print_line(f"\nA claim's own events: {report.own_events(found.floor, found.claim)}.")
    print_line(f"With proofs required also: {report.own_events(found.claim, found.signed)}.")
    rounds = len(found.claim.rounds)
    print_line(f"{HISTORIES} histories; {rounds} rounds of {journeys} journeys each.")
    print_line(report.HOW_COUNTED)


def print_line(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _at_least(least: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        if not text.isdecimal() or int(text) < least:
            raise ArgumentTypeError(f"must be a number, {least} or more")
        return int(text)

    return number
