"""The table in `docs/rivals.md` of what associations answer.

`uv run python -m docs.generate.rivals` writes it anew; a test holds it to what is made here.
"""

from __future__ import annotations

from pathlib import Path

from cpor.rules.associations.table import rows
from docs.generate.lifecycle import table
from docs.generate.marks import Marks

PAGE = Path(__file__).parents[1] / "rivals.md"
MARKS = Marks("<!-- made by docs.generate.rivals -->\n", "<!-- end -->")


def page(text: str) -> str:
    """The page with the table as the code has it today."""
    lines = [
        (
            row.stands,
            row.hears,
            row.provided,
            row.becomes,
            row.answer,
            "; ".join(f"{told}: {audience}" for told, audience in row.tells),
        )
        for row in rows()
    ]
    headings = ("stands", "hears", "provided", "becomes", "answer", "tells")
    return MARKS.filled(text, f"{table(headings, lines)}\n")


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text("utf-8")), "utf-8")
