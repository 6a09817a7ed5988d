"""Tables that stand in a page of prose, for people and for the rules alike."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import get_args


def tables_in(page: Path) -> Iterator[list[list[str]]]:
    """The rows of each table in the page, without its heading."""
    for part in page.read_text("utf-8").split("\n\n"):
        if part.startswith("|"):
            _, _, *lines = part.strip().splitlines()
            yield [[cell.strip() for cell in line[1:-1].split("|")] for line in lines]


def one_of(table: str, kind: object, word: str) -> str:
    """The word, which must be one of a `Literal`; the table is named where it is not."""
    if word not in get_args(kind):
        raise ValueError(f"{table}: {word!r} is not one of {', '.join(get_args(kind))}")
    return word
