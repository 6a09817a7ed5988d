"""What a claim may cost at most.

The floor's activities are empty. So loop is held against loop, the claim with empty activities;
only the size of its history is that of the larger of both claims.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from bench.measure import Measured, Times

MOST_EVENTS = 52
MORE_EVENTS = 5
MORE_TASKS = 2
MOST_BYTES = 23 * 1024
"""Of which the two activities by which a claim asks for its items, and is awarded them, take 2, and
the look into its proof takes 2."""
MOST_HANDED_ON = 16 * 1024
"""To the next run of an official claim."""
TIMES_THE_CPU = 1.35
TIMES_UNSIGNED_CPU = 1.25
"""What proofs may cost, where they are required."""


@dataclass(frozen=True)
class Verdict:
    met: bool
    text: str

    def __str__(self) -> str:
        return f"{'met' if self.met else 'missed':7}{self.text}"


def of_counts(floor: Measured, claim: Measured, real: Measured) -> Iterator[Verdict]:
    yield Verdict(claim.events <= MOST_EVENTS, f"{claim.events:g} events, at most {MOST_EVENTS}")
    events = claim.events - floor.events
    yield Verdict(events <= MORE_EVENTS, f"{events:+g} events, at most {MORE_EVENTS:+}")
    tasks = claim.tasks - floor.tasks
    yield Verdict(tasks <= MORE_TASKS, f"{tasks:+g} workflow tasks, at most {MORE_TASKS:+}")
    size = max(claim.bytes, real.bytes)
    yield Verdict(size <= MOST_BYTES, f"{size:,.0f} bytes of history, at most {MOST_BYTES:,}")
    on = max(claim.carried, real.carried)
    yield Verdict(on <= MOST_HANDED_ON, f"{on:,.0f} bytes handed on, at most {MOST_HANDED_ON:,}")


def of_proofs(claim: Measured, signed: Measured) -> Verdict:
    times = Times.of(signed, claim, lambda each: each.cpu.total).median
    return Verdict(
        times <= TIMES_UNSIGNED_CPU,
        f"{times:.2f} × the CPU with proofs required, at most {TIMES_UNSIGNED_CPU} ×",
    )


def of_cpu(floor: Measured, claim: Measured) -> Verdict:
    times = Times.of(claim, floor, lambda each: each.cpu.total).median
    return Verdict(times <= TIMES_THE_CPU, f"{times:.2f} × the CPU, at most {TIMES_THE_CPU} ×")
