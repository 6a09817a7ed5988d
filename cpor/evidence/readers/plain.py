"""Text and tables of text."""

from __future__ import annotations

from cpor.evidence.reading import Notes
from cpor.evidence.types import decoded

LINES_TOGETHER = 50


def read(content: bytes, notes: Notes) -> None:
    text = decoded(content) or content.decode("utf-8", "replace")
    lines = text.splitlines()
    for first in range(0, len(lines), LINES_TOGETHER):
        notes.add(f"line {first + 1}", "\n".join(lines[first : first + LINES_TOGETHER]))
        if notes.is_full:
            return
