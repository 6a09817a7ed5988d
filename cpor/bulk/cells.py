"""Cells that a spreadsheet would take for a formula, and how they are kept from it.

What we write puts an apostrophe before them; what we read takes it off again. So a text comes back
as it was, and whoever opens the file sees a text and runs nothing.
"""

from __future__ import annotations

FORMULA = "="
STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
MARK = "'"


def neutral(text: str) -> str:
    """As it is written into a file."""
    return MARK + text if text.startswith(STARTS_A_FORMULA) or _is_marked(text) else text


def literal(cell: str) -> str:
    """What was meant by a cell that was read."""
    return cell[1:] if _is_marked(cell) else cell


def _is_marked(text: str) -> bool:
    return text.startswith(MARK) and text[1:].startswith((*STARTS_A_FORMULA, MARK))
