"""What `worker.py --check` prints."""

from __future__ import annotations

from collections.abc import Sequence

from cpor.cli.output import tables
from cpor.monitoring.checks import Finding

COLUMNS = ("what", "result", "found", "what to do")


def table(findings: Sequence[Finding], terminal_width: int | None = None) -> str:
    rows = (
        (each.what, each.result, " ".join(each.found.split()), each.remedy) for each in findings
    )
    return tables.table(COLUMNS, rows, terminal_width)
