"""The figures, for people."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from rich.table import Table

from bench.measure import Measured

HOW_COUNTED = """\
Events: workflow tasks and what time skipping writes left out. Tasks and actions: medians.
Bytes: serialized events, workflow tasks too; the median.
Actions: what Temporal Cloud bills, counted in the history: the start, messages accepted, timers
started, activities scheduled, markers of local activities, search attributes written.
CPU: milliseconds a journey, user and system, median of the rounds. Worker and client are one
process; with real activities the mail server is in it too."""


def figures(floor: Measured, claim: Measured, real: Measured) -> Table:
    table = Table("", floor.subject.title, claim.subject.title, "ratio", "real activities", "ratio")
    for name, figure, shown in _rows(bool(claim.rounds)):
        at_floor, of_claim, of_real = (figure(each) for each in (floor, claim, real))
        table.add_row(
            name,
            _shown(at_floor, shown),
            _shown(of_claim, shown),
            _ratio(of_claim, at_floor),
            _shown(of_real, shown),
            _ratio(of_real, at_floor),
        )
    return table


def own_events(floor: Measured, claim: Measured) -> str:
    """What a claim writes that the floor does not."""
    more = claim.traces[-1].kinds - floor.traces[-1].kinds
    return ", ".join(f"{count} × {kind}" for kind, count in more.most_common()) or "none"


def _rows(
    with_rounds: bool,
) -> Iterator[tuple[str, Callable[[Measured], float | None], str]]:
    yield "events", lambda each: each.events, ",g"
    yield "workflow tasks", lambda each: each.tasks, ",g"
    yield "billable actions", lambda each: each.actions, ",g"
    yield "bytes of history", lambda each: each.bytes, ",.0f"
    if with_rounds:
        yield "CPU", lambda each: 1000 * each.cpu, ".1f"
        yield "  worker and client", lambda each: 1000 * each.cpu_here, ".1f"
        yield "  engine", _engine, ".1f"
        yield "journeys a second", lambda each: each.per_second, ".1f"


def _engine(measured: Measured) -> float | None:
    return None if measured.cpu_engine is None else 1000 * measured.cpu_engine


def _shown(value: float | None, form: str) -> str:
    return "not measured" if value is None else format(value, form)


def _ratio(value: float | None, floor: float | None) -> str:
    return f"{value / floor:.2f}" if value and floor else ""
