"""Lists of claims as tables and as CSV."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from io import StringIO
from typing import Any, cast

from pydantic import ValidationError
from rich.cells import cell_len
from rich.table import Table

from cpor.bulk.layout import neutral
from cpor.cli.output.tables import ONE_LINE, drawn
from cpor.cli.output.words import counted, printable
from cpor.client.errors import MessageRefused
from cpor.client.search import Found, Search
from cpor.rules.errors import Problem, problems

LEAST: Mapping[str, int] = {"status": 9, "reviewer": 12, "products": 16}
"""The least width of columns that may be folded; the others are as wide as their content."""
LEFT_OUT_FIRST = ("customer", "products", "waits for", "partner", "reviewer", "status")
"""Columns that are left out if the terminal is too narrow, in this order."""
GAP = 2
PROBLEM = "problem"
"""The field of a record that cannot be read, which no list shows."""
_NEVER = datetime.max.replace(tzinfo=UTC)


def due_first(found: Iterable[Found]) -> list[Found]:
    """By deadline; claims without one come last, the oldest first."""
    return sorted(
        found,
        key=lambda each: (each.deadline or _NEVER, each.started_at or _NEVER, each.claim_id),
    )


def newest_first(found: Iterable[Found]) -> list[Found]:
    return sorted(found, key=lambda each: each.started_at or _NEVER, reverse=True)


def search(wanted: Mapping[str, Any], reviewer: str = "--reviewer") -> Search:
    """The search for some options; a problem is named by its option."""
    options = {"reviewers": reviewer}
    try:
        return Search.model_validate(wanted)
    except ValidationError as error:
        found: list[Problem] = []
        for each in problems(error):
            field = each.field.partition(".")[0]
            found.append(Problem(options.get(field, f"--{field.replace('_', '-')}"), each.text))
        raise MessageRefused("invalid", "; ".join(map(str, found)), found) from None


def table(found: Sequence[Found], now: datetime, terminal_width: int | None) -> str:
    if not found:
        return "No such claims."
    return f"{_drawn(found, now, terminal_width)}\n{_counted(found, now)}"


def inbox(reviewer: str, found: Sequence[Found], now: datetime, terminal_width: int | None) -> str:
    """The claims of a reviewer, then those without a reviewer."""
    own = [each for each in found if each.reviewer == reviewer]
    free = [each for each in found if each.reviewer != reviewer]
    parts: list[str] = []
    for title, some in ((f"For {reviewer}", own), ("For whoever takes them", free)):
        parts.append(f"{title}: {_counted(some, now)}")
        if some:
            parts.append(_drawn(some, now, terminal_width) + "\n")
    return "\n".join(parts).rstrip()


def as_data(found: Iterable[Found]) -> list[dict[str, Any]]:
    """For programs."""
    return [each.model_dump(mode="json", exclude={PROBLEM}) for each in found]


def as_csv(found: Iterable[Found]) -> Iterator[str]:
    """A line for each, in the order of `Found`; the first line names the columns."""
    yield _line(name for name in Found.model_fields if name != PROBLEM)
    for each in as_data(found):
        yield _line(map(_cell, each.values()))


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case bool():
            return str(value).lower()
        case list():
            return neutral(" ".join(cast("list[str]", value)))
        case _:
            return neutral(str(value))


def _line(cells: Iterable[object]) -> str:
    line = StringIO()
    csv.writer(line, lineterminator="").writerow(cells)
    return line.getvalue()


def _counted(found: Sequence[Found], now: datetime) -> str:
    if not found:
        return "no claims"
    kinds = Counter(_kind(each, now) for each in found)
    order = ("overdue", "due within a day", "due later", "not due")
    shown = ", ".join(f"{kinds[kind]} {kind}" for kind in order if kinds[kind])
    return f"{counted(len(found), 'claim')}: {shown}"


def _kind(each: Found, now: datetime) -> str:
    if each.overdue:
        return "overdue"
    if each.deadline is None:
        return "not due"
    return "due within a day" if (each.deadline - now).days < 1 else "due later"


def _cells(each: Found, now: datetime) -> Mapping[str, str]:
    cells = {
        "claim": each.claim_id,
        "due (UTC)": f"{each.deadline:%a %d %b %H:%M}" if each.deadline else "–",
        "left": "overdue" if each.overdue else _left(each.deadline, now),
        "status": each.status or "?",
        "waits for": each.waiting_for or "–",
        "reviewer": each.reviewer or "–",
        "partner": each.partner or "–",
        "products": " ".join(each.products),
        "customer": each.customer or "–",
    }
    return {heading: printable(cell) for heading, cell in cells.items()}


def _left(deadline: datetime | None, now: datetime) -> str:
    if deadline is None:
        return "–"
    left = deadline - now
    if left.total_seconds() < 0:
        return "past"
    return f"{left.days} d" if left.days else f"{left.seconds // 3600} h"


def _drawn(found: Sequence[Found], now: datetime, terminal_width: int | None) -> str:
    rows = [_cells(each, now) for each in found]
    widths = _widths(rows, terminal_width or ONE_LINE)
    shown = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0))
    for heading, width in widths.items():
        shown.add_column(heading, width=width, overflow="fold")
    for each, cells in zip(found, rows, strict=True):
        shown.add_row(*map(cells.get, widths), style="bold" if each.overdue else "")
    return drawn(shown, terminal_width)


def _widths(rows: Sequence[Mapping[str, str]], room: int) -> Mapping[str, int]:
    """The columns that fit, each as wide as it needs to be or as there is room."""
    needed = {
        heading: max(map(cell_len, (heading, *(row[heading] for row in rows))))
        for heading in rows[0]
    }
    widths = {heading: min(most, LEAST.get(heading, most)) for heading, most in needed.items()}

    def spare() -> int:
        return room - sum(widths.values()) - GAP * (len(widths) - 1)

    for heading in LEFT_OUT_FIRST:
        if spare() < 0:
            del widths[heading]
    if spare() < 0:
        widths["claim"] = max(1, widths["claim"] + spare())
    for heading, width in widths.items():
        widths[heading] = min(needed[heading], width + max(0, spare()))
    return widths
