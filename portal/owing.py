"""What operators read of debts: a line each, and what became of their wish to try again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from io import StringIO
from typing import Any

from pydantic import TypeAdapter
from rich.box import ROUNDED
from rich.console import Console
from rich.table import Table

from portal.debts import OpenDebt, Retried
from portal.shown import instant

NOTHING = "Nothing is late, and nothing is parked."
COLUMNS = ("claim", "owes", "since", "state", "tries", "next try", "last answer")
ONE_LINE = 1000
"""Wide enough that no debt takes two lines where no terminal cuts them."""

_debts: TypeAdapter[Sequence[OpenDebt]] = TypeAdapter(Sequence[OpenDebt])


def as_data(debts: Sequence[OpenDebt]) -> list[dict[str, Any]]:
    """For programs."""
    return _debts.dump_python(debts, mode="json")


def table(debts: Sequence[OpenDebt], now: datetime, terminal_width: int | None = None) -> str:
    """A drawn table for a terminal, else a line for each debt."""
    if not debts:
        return NOTHING
    drawn = terminal_width is not None
    rows = Table(box=ROUNDED if drawn else None, pad_edge=drawn, show_lines=drawn)
    for name in COLUMNS:
        rows.add_column(name, overflow="fold", justify="right" if name == "tries" else "left")
    for debt in debts:
        rows.add_row(
            debt.claim_id,
            debt.what or "?",
            f"{instant(debt.since)}, {_age(now - debt.since)}" if debt.since else "–",
            debt.state,
            "–" if debt.tries is None else str(debt.tries),
            _next_try(debt),
            _one_line(debt.last_answer or "–"),
        )
    file = StringIO()
    Console(
        file=file,
        width=terminal_width or ONE_LINE,
        force_terminal=drawn,
        highlight=False,
        markup=False,
        emoji=False,
    ).print(rows)
    return "\n".join(line.rstrip() for line in file.getvalue().rstrip().splitlines())


def retried(done: Retried) -> str:
    lines = [f"{done.claim_id}  tried now: {what}" for what in done.tried_now]
    if done.answer is not None:
        lines.append(f"{done.claim_id}  {done.answer}")
    return "\n".join(lines) or f"{done.claim_id}  Nothing pauses, and nothing is parked."


def _next_try(debt: OpenDebt) -> str:
    if debt.next_try is not None:
        return instant(debt.next_try)
    if debt.trying:
        return "now"
    return "on retry" if debt.state == "parked" else "–"


def _age(age: timedelta) -> str:
    minutes = max(0, int(age.total_seconds() // 60))
    for size, unit in ((24 * 60, "day"), (60, "hour")):
        if minutes >= size:
            return _count(minutes // size, unit)
    return _count(minutes, "minute")


def _count(number: int, unit: str) -> str:
    return f"{number} {unit}{'s' if number != 1 else ''}"


def _one_line(text: str) -> str:
    """An answer comes from outside; a terminal must not obey it."""
    return "".join(char if char.isprintable() else "?" for char in " ".join(text.split()))
