"""Tables for a terminal, otherwise a line for each row; cells have no markup."""

from __future__ import annotations

from io import StringIO

from rich.console import Console, RenderableType

ONE_LINE = 1000
"""Wide enough that no row takes two lines where no terminal cuts them."""


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
