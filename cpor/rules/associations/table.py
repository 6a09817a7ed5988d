"""The table of `table.md`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Literal, cast

from cpor.rules.associations.calls import CALLS, Outcome
from cpor.rules.associations.state import Standing, Told
from cpor.rules.tables import one_of, tables_in

Proviso = Literal["", "no room", "other items", "free", "displaces every holder"]
Audience = Literal["who held", "who asks", "who else"]

PAGE = Path(__file__).with_suffix(".md")
_one_of = partial(one_of, "associations")


@dataclass(frozen=True)
class Row:
    stands: Standing
    hears: str
    provided: Proviso
    becomes: Standing
    answer: Outcome
    tells: tuple[tuple[Told, Audience], ...]


@cache
def rows() -> tuple[Row, ...]:
    (lines,) = tables_in(PAGE)
    return tuple(_row(*cells) for cells in lines)


def _row(stands: str, hears: str, provided: str, becomes: str, answer: str, tells: str) -> Row:
    if hears not in CALLS:
        raise ValueError(f"associations: {hears!r} is not one of {', '.join(CALLS)}")
    return Row(
        stands=cast("Standing", _one_of(Standing, stands)),
        hears=hears,
        provided=cast("Proviso", _one_of(Proviso, provided)),
        becomes=cast("Standing", _one_of(Standing, becomes)),
        answer=cast("Outcome", _one_of(Outcome, answer)),
        tells=tuple(_tells(tells)),
    )


def _tells(cell: str) -> Iterator[tuple[Told, Audience]]:
    for part in filter(None, cell.split(";")):
        told, _, audience = (each.strip() for each in part.partition(":"))
        yield (
            cast("Told", _one_of(Told, told)),
            cast("Audience", _one_of(Audience, audience)),
        )
