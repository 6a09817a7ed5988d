"""Tables as Markdown: to be read in a terminal, and to be put into a page as they are."""

from __future__ import annotations

from collections.abc import Sequence


def table(head: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """The first column holds names; what is in the others stands on the right."""
    widths = [max(map(len, column)) for column in zip(head, *rows, strict=True)]
    first, *others = widths
    rule = " | ".join(["-" * first, *("-" * max(width - 1, 1) + ":" for width in others)])
    return "\n".join([_line(head, widths), f"| {rule} |", *(_line(each, widths) for each in rows)])


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    (name, *others), (first, *rest) = cells, widths
    return f"| {' | '.join([name.ljust(first), *map(str.rjust, others, rest)])} |"
