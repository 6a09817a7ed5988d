"""One clock as the queries return it, and as a deadline without a claim is shown."""

from __future__ import annotations

from datetime import date

from pydantic import BaseModel

from cpor.rules.deadlines import Calendar, Clock, ClockName, ClockState, Pause, Skipped
from cpor.rules.shapes import Instant


class ClockView(BaseModel):
    """One clock and the sum that led to its end."""

    clock: ClockName
    """Its name."""
    state: ClockState
    """`waiting`, `running`, `paused`, `held`, `stopped` or `ran_out`."""
    started_at: Instant | None
    """Null while it waits."""
    rule: str
    """Its length, in words."""
    edition: str
    """Which edition says so."""
    calendar: str
    """Whose working days count."""
    zone: str
    """Where its days begin."""
    counted: list[date]
    """The working days it counts, in order."""
    skipped: list[Skipped]
    """The days between, and why they do not count."""
    pauses: list[Pause]
    """When it stood still."""
    extended: int
    """Business days that an operator added."""
    promised: Instant | None = None
    """An end that a mail printed: it does not end before."""
    end: Instant | None
    """Null while nobody can say."""


def clock_view(clock: Clock, calendar: Calendar) -> ClockView:
    return ClockView(
        clock=clock.clock,
        state=clock.state,
        started_at=clock.started_at,
        rule=str(clock.window),
        edition=clock.edition,
        calendar=calendar.name,
        zone=calendar.zone,
        counted=clock.counted,
        skipped=clock.skipped,
        pauses=clock.pauses,
        extended=clock.extended,
        promised=clock.promised,
        end=clock.end,
    )
