"""What `worker.py --check` prints."""

from __future__ import annotations

from collections.abc import Sequence

from rich.box import ROUNDED
from rich.table import Table

from cpor.cli.output.tables import drawn
from cpor.monitoring.checks import Finding

COLUMNS = ("what", "result", "found", "what to do")


def table(findings: Sequence[Finding], terminal_width: int | None = None) -> str:
    """A table with lines on a terminal, else a line for each finding."""
    boxed = terminal_width is not None
    rows = Table(box=ROUNDED if boxed else None, pad_edge=boxed, show_lines=boxed)
    for name in COLUMNS:
        rows.add_column(name, overflow="fold")
    for each in findings:
        rows.add_row(each.what, each.result, " ".join(each.found.split()), each.remedy)
    return drawn(rows, terminal_width)
