"""What a journey costs, for people."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from statistics import median

from bench.measure import Measured, Round, Times
from bench.table import table

HOW_COUNTED = """\
Events: workflow tasks left out. Tasks and actions: medians.
Bytes: serialized events, workflow tasks too; the median.
State transitions: how often Temporal wrote the workflow's state, as it counts itself; the median.
Actions: what Temporal Cloud bills, counted in the history: the start, messages accepted, timers
started, activities scheduled, markers, search attributes written.
Handed on: the event with which it goes on in a new run; not among the others.
CPU: milliseconds a journey, user and system, median of the rounds. Worker and client are one
process; the mail server is another, and counts nowhere. Readers are the processes that look into
proof; they are not among the CPU. What runs with real activities is held against a floor that also
calls a second workflow, as a claim calls its tenant's associations. Ratios of CPU and journeys a
second: the median of the rounds' own, and the least and the most of them."""
RATES: Sequence[tuple[str, Callable[[Round], float]]] = (
    ("CPU in ms", lambda each: 1000 * each.cpu.total),
    ("– worker and client", lambda each: 1000 * each.cpu.here),
    ("– engine", lambda each: 1000 * (each.cpu.engine or 1.0)),
    ("journeys a second", lambda each: each.per_second),
)

_COUNTS: Sequence[tuple[str, Callable[[Measured], float], str]] = (
    ("events", lambda each: each.events, ",g"),
    ("workflow tasks", lambda each: each.tasks, ",g"),
    ("billable actions", lambda each: each.actions, ",g"),
    ("state transitions", lambda each: each.transitions, ",g"),
    ("bytes of history", lambda each: each.bytes, ",.0f"),
    ("bytes handed on", lambda each: each.carried, ",.0f"),
)


def figures(floor: Measured, claim: Measured, real: Measured, neighbourly: Measured) -> str:
    head = ("", "floor", "claim", "claim ÷ floor", "with real activities", "÷ its floor")
    return table(head, list(_rows(floor, claim, real, neighbourly)))


def own_events(floor: Measured, claim: Measured) -> str:
    """What a claim writes that the floor does not."""
    more = claim.traces[-1].kinds - floor.traces[-1].kinds
    return ", ".join(f"{count} × {kind}" for kind, count in more.most_common()) or "none"


def _rows(
    floor: Measured, claim: Measured, real: Measured, neighbourly: Measured
) -> Iterator[Sequence[str]]:
    for name, figure, shown in _COUNTS:
        at_floor, of_claim, of_real = (figure(each) for each in (floor, claim, real))
        yield (
            name,
            format(at_floor, shown),
            format(of_claim, shown),
            _ratio(of_claim, at_floor),
            format(of_real, shown),
            _ratio(of_real, at_floor),
        )
    if not claim.rounds:
        return
    for name, figure in RATES:
        yield (
            name,
            _shown(floor, figure),
            _shown(claim, figure),
            str(Times.of(claim, floor, figure)),
            _shown(real, figure),
            str(Times.of(real, neighbourly, figure)),
        )
    readers = (_shown(each, lambda each: 1000 * each.cpu.readers) for each in (claim, real))
    yield ("CPU of readers in ms", "", next(readers), "", next(readers), "")


def _shown(measured: Measured, figure: Callable[[Round], float]) -> str:
    return f"{median(figure(each) for each in measured.rounds):.1f}"


def _ratio(value: float, floor: float) -> str:
    return f"{value / floor:.2f}" if value and floor else ""
