"""Lists of claims as people read them, what is due first."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from io import StringIO
from typing import Any

from pydantic import ValidationError
from rich.box import ROUNDED
from rich.console import Console
from rich.table import Table

from claims.errors import Problem
from claims.facts import problems
from portal.errors import MessageRefused
from portal.searching import Found, Search

PRINTED_WIDTH = 160
HEADINGS = ("claim", "due", "status", "waits for", "reviewer", "partner", "customer", "products")
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
        data = each.model_dump(mode="json")
        products = " ".join(each.products)
        yield _line(
            "" if value is None else value for value in {**data, "products": products}.values()
        )


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


def _due(each: Found, now: datetime) -> str:
    if each.deadline is None:
        return "overdue" if each.overdue else "–"
    left = each.deadline - now
    if left.total_seconds() < 0:
        distance = "past"
    elif left.days < 1:
        distance = f"in {left.seconds // 3600} h"
    else:
        distance = f"in {left.days} day{'s' * (left.days != 1)}"
    late = "overdue, next " if each.overdue else ""
    return f"{late}{each.deadline:%a %d %b %H:%M} UTC, {distance}"


def _drawn(found: Sequence[Found], now: datetime, terminal_width: int | None) -> str:
    drawn = terminal_width is not None
    shown = Table(box=ROUNDED if drawn else None, pad_edge=drawn)
    for heading in HEADINGS:
        shown.add_column(heading, no_wrap=heading in ("claim", "due"))
    for each in found:
        shown.add_row(
            each.claim_id,
            _due(each, now),
            each.status.value if each.status else "?",
            each.waiting_for or "–",
            each.reviewer or "–",
            each.partner or "–",
            each.customer or "–",
            " ".join(each.products),
            style="bold" if each.overdue else "",
        )
    file = StringIO()
    console = Console(
        file=file,
        width=terminal_width or PRINTED_WIDTH,
        force_terminal=drawn,
        highlight=False,
    )
    console.print(shown)
    return "\n".join(line.rstrip() for line in file.getvalue().rstrip().splitlines())
