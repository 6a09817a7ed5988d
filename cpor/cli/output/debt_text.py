"""Debts as a table, and the result of a retry."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from cpor.cli.output import tables
from cpor.cli.output.words import counted, instant, printable
from cpor.client.answers import Taken
from cpor.client.open_debts import OpenDebt, Retried

NOTHING = "Nothing is late, and nothing is parked."
COLUMNS = ("claim", "owes", "since", "state", "tries", "next try", "last answer")


def table(debts: Sequence[OpenDebt], now: datetime, terminal_width: int | None = None) -> str:
    if not debts:
        return NOTHING
    rows = (_row(debt, now) for debt in debts)
    return tables.table(COLUMNS, rows, terminal_width, numbers=["tries"])


def retried(done: Retried) -> str:
    lines = [f"{done.claim_id}  tried now: {what}" for what in done.tried_now]
    if done.answer is not None:
        its_id = f" Its id: {done.answer.id}." if isinstance(done.answer, Taken) else ""
        lines.append(f"{done.claim_id}  {done.answer.text}{its_id}")
    return "\n".join(lines) or f"{done.claim_id}  Nothing pauses, and nothing is parked."


def _row(debt: OpenDebt, now: datetime) -> Sequence[str]:
    return (
        debt.claim_id,
        debt.what or "?",
        f"{instant(debt.since)}, {_age(now - debt.since)}" if debt.since else "–",
        debt.state,
        "–" if debt.tries is None else str(debt.tries),
        _next_try(debt),
        printable(debt.last_answer or "–"),
    )


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
            return counted(minutes // size, unit)
    return counted(minutes, "minute")
