"""Tables for a terminal, otherwise a line for each row; cells have no markup."""

from __future__ import annotations

from io import StringIO

from rich.console import Console
from rich.table import Table

ONE_LINE = 1000
"""Wide enough that no row takes two lines where no terminal cuts them."""


def drawn(table: Table, terminal_width: int | None) -> str:
    file = StringIO()
    Console(
        file=file,
        width=terminal_width or ONE_LINE,
        force_terminal=terminal_width is not None,
        highlight=False,
        markup=False,
        emoji=False,
    ).print(table)
    return "\n".join(line.rstrip() for line in file.getvalue().rstrip().splitlines())
