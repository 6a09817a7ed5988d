"""Lists of claims as people read them, what is due first."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from io import StringIO
from typing import Any, cast

from pydantic import ValidationError
from rich.console import Console
from rich.table import Table

from claims.errors import Problem
from claims.facts import problems
from portal.errors import MessageRefused
from portal.searching import Found, Search

PRINTED_WIDTH = 160
COLUMNS: Mapping[str, int] = {
    "claim": 0,
    "due (UTC)": 0,
    "left": 0,
    "status": 0,
    "waits for": 100,
    "reviewer": 0,
    "partner": 0,
    "products": 120,
    "customer": 150,
}
"""Each with the width from which on it is shown."""
_NEVER = datetime.max.replace(tzinfo=UTC)


def due_first(found: Iterable[Found]) -> list[Found]:
    """As they are worked off: what has no deadline comes last, the oldest of it first."""
    return sorted(
        found,
        key=lambda each: (each.deadline or _NEVER, each.started_at or _NEVER, each.claim_id),
    )


def newest_first(found: Iterable[Found]) -> list[Found]:
    return sorted(found, key=lambda each: each.started_at or _NEVER, reverse=True)


def search(wanted: Mapping[str, Any]) -> Search:
    """What somebody asked for, or what is wrong with it, by option."""
    try:
        return Search.model_validate(wanted)
    except ValidationError as error:
        found = [
            Problem(f"--{each.field.replace('_', '-')}", each.text) for each in problems(error)
        ]
        raise MessageRefused("invalid", "; ".join(map(str, found)), found) from None


def table(found: Sequence[Found], now: datetime, terminal_width: int | None) -> str:
    if not found:
        return "No such claims."
    return f"{_drawn(found, now, terminal_width)}\n{_counted(found, now)}"


def inbox(reviewer: str, found: Sequence[Found], now: datetime, terminal_width: int | None) -> str:
    """One's own work, then what is there for the taking."""
    own = [each for each in found if each.reviewer == reviewer]
    free = [each for each in found if each.reviewer != reviewer]
    parts: list[str] = []
    for title, some in ((f"For {reviewer}", own), ("For whoever takes them", free)):
        parts.append(f"{title}: {_counted(some, now)}")
        if some:
            parts.append(_drawn(some, now, terminal_width) + "\n")
    return "\n".join(parts).rstrip()


def as_csv(found: Iterable[Found]) -> Iterator[str]:
    """A line for each, in the order of `Found`; the first line names the columns."""
    yield _line(Found.model_fields)
    for each in found:
        yield _line(map(_cell, each.model_dump(mode="json").values()))


def _cell(value: object) -> object:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case list():
            return " ".join(cast("list[str]", value))
        case _:
            return value


def _line(cells: Iterable[object]) -> str:
    line = StringIO()
    csv.writer(line, lineterminator="").writerow(cells)
    return line.getvalue()


def _counted(found: Sequence[Found], now: datetime) -> str:
    if not found:
        return "no claims"
    kinds = Counter(_kind(each, now) for each in found)
    parts = [
        f"{kinds[kind]} {kind}" for kind in ("overdue", "due within a day", "due later", "not due")
    ]
    shown = ", ".join(part for part in parts if not part.startswith("0 "))
    return f"{len(found)} claim{'s' * (len(found) != 1)}: {shown}"


def _kind(each: Found, now: datetime) -> str:
    if each.overdue:
        return "overdue"
    if each.deadline is None:
        return "not due"
    return "due within a day" if (each.deadline - now).days < 1 else "due later"


def _cells(each: Found, now: datetime) -> Mapping[str, str]:
    return {
        "claim": each.claim_id,
        "due (UTC)": f"{each.deadline:%a %d %b %H:%M}" if each.deadline else "–",
        "left": "overdue" if each.overdue else _left(each.deadline, now),
        "status": each.status.value if each.status else "?",
        "waits for": each.waiting_for or "–",
        "reviewer": each.reviewer or "–",
        "partner": each.partner or "–",
        "products": " ".join(each.products),
        "customer": each.customer or "–",
    }


def _left(deadline: datetime | None, now: datetime) -> str:
    if deadline is None:
        return "–"
    left = deadline - now
    if left.total_seconds() < 0:
        return "past"
    return f"{left.days} d" if left.days else f"{left.seconds // 3600} h"


def _drawn(found: Sequence[Found], now: datetime, terminal_width: int | None) -> str:
    width = terminal_width or PRINTED_WIDTH
    shown = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0))
    headings = [heading for heading, least in COLUMNS.items() if width >= least]
    for heading in headings:
        wraps = heading in ("products", "status")
        shown.add_column(heading, no_wrap=not wraps, overflow="fold")
    for each in found:
        cells = _cells(each, now)
        shown.add_row(*map(cells.get, headings), style="bold" if each.overdue else "")
    file = StringIO()
    is_terminal = terminal_width is not None
    Console(file=file, width=width, force_terminal=is_terminal, highlight=False).print(shown)
    return "\n".join(line.rstrip() for line in file.getvalue().rstrip().splitlines())
