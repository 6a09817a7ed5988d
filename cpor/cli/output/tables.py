"""Tables for a terminal, otherwise a line for each row; cells have no markup."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from io import StringIO

from rich.box import ROUNDED
from rich.console import Console, RenderableType
from rich.table import Table

ONE_LINE = 1000
"""Wide enough that no row takes two lines where no terminal cuts them."""


def table(
    columns: Sequence[str],
    rows: Iterable[Sequence[str]],
    terminal_width: int | None,
    numbers: Collection[str] = (),
) -> str:
    """A drawn table on a terminal, else a line for each row; `numbers` are columns of numbers."""
    boxed = terminal_width is not None
    shown = Table(box=ROUNDED if boxed else None, pad_edge=boxed, show_lines=boxed)
    for name in columns:
        shown.add_column(name, overflow="fold", justify="right" if name in numbers else "left")
    for row in rows:
        shown.add_row(*row)
    return drawn(shown, terminal_width)


def drawn(rows: RenderableType, terminal_width: int | None, printed_width: int = ONE_LINE) -> str:
    """`printed_width` is the width where there is no terminal."""
    file = StringIO()
    Console(
        file=file,
        width=terminal_width or printed_width,
        force_terminal=terminal_width is not None,
        highlight=False,
        markup=False,
        emoji=False,
    ).print(rows)
    return "\n".join(line.rstrip() for line in file.getvalue().rstrip().splitlines())
