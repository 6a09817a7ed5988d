"""Lists of claims as tables and as CSV."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from io import StringIO
from typing import TYPE_CHECKING, Any, cast

from rich.cells import cell_len
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from cpor.bulk.layout import neutral
from cpor.cli.output.tables import ONE_LINE, drawn
from cpor.cli.output.words import counted, printable
from cpor.client.search import Found
from cpor.rules.characters import lower

if TYPE_CHECKING:
    from cpor.rules.views import ClaimView

Known = Mapping[str, "ClaimView"]
"""What the claims themselves say, by their ids: their names, and what stands against them."""

LEAST: Mapping[str, int] = {"status": 9, "reviewer": 12, "products": 16, "marks": 9}
"""The least width of columns that may be folded; the others are as wide as their content."""
LEFT_OUT_FIRST = (
    "customer",
    "products",
    "waits for",
    "partner",
    "key",
    "about",
    "marks",
    "reviewer",
    "status",
)
"""Columns that are left out if the terminal is too narrow, in this order."""
ONLY_WIDE = {"waits for", "key", "partner", "products", "customer"}
GAP = 2
PROBLEM = "problem"
"""The field of a record that cannot be read, which no list shows."""
_NEVER = datetime.max.replace(tzinfo=UTC)


def newest_first(found: Iterable[Found]) -> list[Found]:
    return sorted(found, key=lambda each: each.started_at or _NEVER, reverse=True)


def table(
    found: Sequence[Found],
    now: datetime,
    terminal_width: int | None,
    known: Known | None = None,
    *,
    wide: bool = False,
    more: int = 0,
) -> str:
    """`more` claims were found and are not shown."""
    if not found:
        return "No such claims."
    return f"{_counted(found, now, more)}\n{_drawn(found, now, terminal_width, known or {}, wide)}"


def inbox(
    reviewer: str,
    found: Sequence[Found],
    now: datetime,
    terminal_width: int | None,
    known: Known | None = None,
    *,
    wide: bool = False,
) -> str:
    """The claims of a reviewer, then those without a reviewer."""
    known = known or {}
    others = [each for each in found if _is_for_somebody_else(known.get(each.claim_id), reviewer)]
    own = [each for each in found if each.reviewer == reviewer and each not in others]
    free = [each for each in found if each.reviewer != reviewer and each not in others]
    parts: list[str] = []
    for title, some in (
        (f"For {reviewer}", own),
        ("For any reviewer", free),
        (f"For others than {reviewer}, who decided them before", others),
    ):
        if some or some is not others:
            parts.append(f"{title}: {_counted(some, now)}")
        if some:
            parts.append(_drawn(some, now, terminal_width, known, wide) + "\n")
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


def _counted(found: Sequence[Found], now: datetime, more: int = 0) -> str:
    if not found:
        return "no claims"
    kinds = Counter(_kind(each, now) for each in found)
    order = ("overdue", "due within a day", "due later", "not due")
    shown = ", ".join(f"{kinds[kind]} {kind}" for kind in order if kinds[kind])
    left_out = f"; {more} more with --limit {len(found) + more}" if more else ""
    return f"{counted(len(found), 'claim')}: {shown}{left_out}"


def _kind(each: Found, now: datetime) -> str:
    if each.overdue:
        return "overdue"
    if each.deadline is None:
        return "not due"
    return "due within a day" if (each.deadline - now).days < 1 else "due later"


def _is_for_somebody_else(view: ClaimView | None, reviewer: str) -> bool:
    """Whoever decided first does not decide the dispute."""
    if view is None or view.dispute is None or view.dispute.decided:
        return False
    return lower(view.dispute.not_by or "") == lower(reviewer)


def _about(view: ClaimView | None) -> str:
    return f"{view.name} · {view.partner.name} → {view.customer.name}" if view else "–"


def _marks(each: Found, view: ClaimView | None) -> Iterator[str]:
    if view is None:
        yield from ["owes"] if each.owes else []
        return
    if view.changed_since:
        yield f"changed {view.changed_since:%d %b}"
    if any(not doubt.answer for doubt in view.doubts):
        yield "contested"
    if view.rivals:
        yield "held by another" if any(each.holds for each in view.rivals) else "rivals"
    if view.unconfirmed:
        yield "contact to confirm"
    if view.consent == "held":
        yield "held"
    if any(debt.state != "owed" for debt in view.owed):
        yield "owes"


def _cells(each: Found, view: ClaimView | None, now: datetime) -> Mapping[str, str]:
    late_since = view.late_since if view else None
    cells = {
        "claim": each.claim_id,
        "due (UTC)": f"{each.deadline:%a %d %b %H:%M}" if each.deadline else "–",
        "left": _late(late_since, now) if each.overdue else _left(each.deadline, now),
        "status": each.status or "?",
        "waits for": each.waiting_for or "–",
        "reviewer": each.reviewer or "–",
        "marks": ", ".join(_marks(each, view)) or "–",
        "key": (view and view.key) or "–",
        "partner": each.partner or "–",
        "products": " ".join(each.products),
        "customer": each.customer or "–",
        "about": _about(view),
    }
    return {heading: printable(cell) for heading, cell in cells.items()}


def _late(since: datetime | None, now: datetime) -> str:
    late = now - since if since else None
    if late is None or late.total_seconds() < 3600:
        return "overdue"
    return f"{late.days} d late" if late.days else f"{late.seconds // 3600} h late"


def _left(deadline: datetime | None, now: datetime) -> str:
    if deadline is None:
        return "–"
    left = deadline - now
    if left.total_seconds() < 0:
        return "past"
    if left.days:
        return f"{left.days} d"
    hours, seconds = divmod(left.seconds, 3600)
    return f"{hours} h" if hours else f"{seconds // 60} min"


def _drawn(
    found: Sequence[Found], now: datetime, terminal_width: int | None, known: Known, wide: bool
) -> str:
    """On a terminal what a claim is about stands in a line below it, else in a column."""
    rows = [_cells(each, known.get(each.claim_id), now) for each in found]
    has_own_line = bool(known) and terminal_width is not None
    columns = [name for name in rows[0] if wide or name not in ONLY_WIDE]
    if has_own_line or not known:
        columns.remove("about")
    for name in {"key", "marks"} & set(columns):
        if all(row[name] == "–" for row in rows):
            columns.remove(name)
    widths = _widths(
        [{name: row[name] for name in columns} for row in rows], terminal_width or ONE_LINE
    )
    parts: list[RenderableType] = []
    shown = _headed(widths, with_headings=True)
    for each, cells in zip(found, rows, strict=True):
        if not parts:
            parts.append(shown)
        elif has_own_line:
            shown = _headed(widths, with_headings=False)
            parts.append(shown)
        shown.add_row(*map(cells.get, widths), style="bold red" if each.overdue else "")
        if has_own_line:
            about = Text(f"{' ' * GAP}{cells['about']}", "dim", no_wrap=True, overflow="ellipsis")
            parts.append(about)
    return drawn(Group(*parts), terminal_width)


def _headed(widths: Mapping[str, int], *, with_headings: bool) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), show_header=with_headings)
    for heading, width in widths.items():
        table.add_column(heading, width=width, overflow="fold")
    return table


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
        if heading in widths and spare() < 0:
            del widths[heading]
    if spare() < 0:
        widths["claim"] = max(1, widths["claim"] + spare())
    for heading, width in widths.items():
        widths[heading] = min(needed[heading], width + max(0, spare()))
    return widths
