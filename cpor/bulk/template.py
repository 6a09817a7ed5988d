"""The template of an import file: two example claims, and the meaning of each column."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path

from cpor.bulk import csv_table, layout

EXAMPLES = Path(__file__).with_suffix(".ndjson")
MEANINGS: Mapping[str, str] = tomllib.loads(
    Path(__file__).with_name("columns.toml").read_text("utf-8")
)


def as_objects() -> bytes:
    return EXAMPLES.read_bytes()


def as_table() -> bytes:
    examples = map(json.loads, as_objects().splitlines())
    rows = [list(layout.COLUMNS), *(list(layout.cells(each).values()) for each in examples)]
    return b"".join(csv_table.line(row) for row in rows)


def columns() -> str:
    """Every column as a Markdown table, as it stands in the documentation."""
    return "\n".join(_lines())


def _lines() -> Iterator[str]:
    yield "| column | needed | what stands there |"
    yield "| --- | --- | --- |"
    for name, needed in layout.COLUMNS.items():
        word = "one of them" if name in (layout.KEY, "claim_id") else "yes" if needed else ""
        yield f"| `{name}` | {word} | {MEANINGS[name]} |"
