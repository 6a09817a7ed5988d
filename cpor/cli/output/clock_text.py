"""Every clock of a claim as a sum anybody can check."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from cpor.cli.output import sums
from cpor.cli.output.words import counted
from cpor.rules.clock_view import ClockView

STATES = {
    "waiting": "waits to begin",
    "running": "RUNNING",
    "paused": "stands still",
    "held": "held until a notice arrives",
    "stopped": "ended before its time",
    "ran_out": "ran out",
}


def clocks(claim_id: str, known: Sequence[ClockView]) -> str:
    """In the order they began; running clocks are marked."""
    if not known:
        return f"{claim_id} has no clock yet: nobody is waited for before it is submitted."
    running = sum(clock.state == "running" for clock in known)
    text = [f"{claim_id}: {counted(len(known), 'clock')}, {running or 'none'} running"]
    not_yet = datetime.max.replace(tzinfo=UTC)
    for clock in sorted(known, key=lambda clock: clock.started_at or not_yet):
        text += ["", _heading(clock), *(f"    {line}" for line in sums.sum_of(clock))]
    return "\n".join(text)


def _heading(clock: ClockView) -> str:
    mark = "▶" if clock.state == "running" else " "
    state = STATES.get(clock.state, clock.state)
    return f"{mark} {clock.clock.replace('_', ' ')}: {state}"
