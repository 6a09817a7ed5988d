"""No cell of the lifecycle tables is there in vain: change one, and some claim behaves otherwise.

Each cell is changed in every way that makes another rule of it; then claims of all stages are
told, paid and waited for again, until one differs. Cells that the program does not read, or that
only show, are named here one by one: what is said of them is tested, too.
"""

from __future__ import annotations

from collections.abc import Generator, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from typing import Any, get_args

import pytest

from cpor.rules.deadlines import ClockName
from cpor.rules.editions import edition, names
from cpor.rules.facts import Role
from cpor.rules.lifecycle import (
    Audience,
    ClocksOfStatus,
    Proviso,
    Row,
    Source,
    Status,
    Told,
    lifecycle,
    rows_for,
    senders_of,
)
from tests.rules.probes import EDITIONS, POSSIBLE, TIME, Probe, all_probes

pytestmark = pytest.mark.thorough
LIFECYCLE, CLOCKS = lifecycle().rows, lifecycle().clocks
Table = tuple[Row, ...]
Clocks = Mapping[Status, ClocksOfStatus]
CELLS = ("status", "hears", "from", "provided", "becomes", "tells")

PEOPLE: tuple[Source, ...] = get_args(Role)
SOURCES: tuple[Source, ...] = (
    *PEOPLE, "clock", "mail server", "address check", "incentive engine", "store", "proof reader",
    "directory", "associations", "older link"
)  # fmt: skip


def heard_in(status: Status) -> Iterator[tuple[str, str]]:
    return ((status.value, row.hears) for row in LIFECYCLE if row.status is status)


ALWAYS_SO: dict[tuple[str, str], set[Proviso]] = {
    **{heard: {"first submission"} for heard in heard_in(Status.EDITING)},
    **{heard: {"in dispute", "out of a dispute"} for heard in heard_in(Status.DISPUTED)},
    ("Submitted", "overall ends"): {"first submission"},
    ("Rejected", "dispute ends"): {"disputable"},
    ("Approved", "notice refused"): {"consent open"},
    ("Approved", "notice unheard"): {"consent open"},
    ("Approved", "consent ends"): {"consent open"},
    ("Approved", "hand-off taken"): {"official", "handed off"},
    ("Approved", "award lost"): {"consent open"},
    ("Approved", "contact unconfirmed"): {"consent open", "unconfirmed"},
    ("Approved", "directory says no"): {"doubted"},
    ("Approved", "nobody acts"): {"doubted"},
}  # fmt: skip
"""What holds there anyway, so that it would be no other rule with this proviso."""

IMPLIED: dict[Proviso, set[Proviso]] = {
    "in dispute": {"out of a dispute"},
    "dispute unchecked": {"out of a dispute"},
}
"""What holds wherever the proviso does, and for the rows that are left says the same."""

EDITED_BY_NO_EDITION = {
    (status, hears)
    for status in ("Under review", "Disputed")
    for hears in ("edit", "add_evidence", "withdraw_evidence")
}
"""Rows that make the refusal say `not_editable`; what would follow is not reached."""
OF_SEVERAL: set[Audience] = {"other side", "whose deadline"}
"""To the claim itself and to most people, the partner is the other side; whose deadline it is, when
more time is given, depends on the clock: `test_who_is_told.py` tries them all."""
NO_PROVISO_NEEDED = {("Approved", "extend"), ("Rejected", "extend")}
"""A clock that does not run refuses by itself; without the proviso only the words are worse."""


@contextmanager
def instead(rows: Table = LIFECYCLE, clocks: Clocks = CLOCKS) -> Generator[None]:
    """Other tables, for all who read them."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(vars(lifecycle()), "rows", rows)
        patch.setitem(vars(lifecycle()), "clocks", clocks)
        forget()
        yield
    forget()


def forget() -> None:
    """What was looked up in other tables."""
    rows_for.cache_clear()
    senders_of.cache_clear()


@cache
def usual() -> Mapping[Probe, str]:
    return {probe: probe.look() for probe in all_probes()}


@pytest.fixture(scope="module", autouse=True)
def _the_usual_is_seen_before_anything_is_changed() -> None:
    usual()


def noticed(row: Row | None = None, rows: Table = LIFECYCLE, clocks: Clocks = CLOCKS) -> str | None:
    """What came out differently, looking first where `row` is heard."""
    expected = usual()
    with instead(rows, clocks):
        for probe in sorted(expected, key=lambda probe: _distance(probe, row)):
            if probe.look() != expected[probe]:
                return probe.hears
    return None


def _distance(probe: Probe, row: Row | None) -> int:
    if row is None:
        return 0
    heard = {row.hears, TIME} if "clock" in row.sources else {row.hears}
    if len(row.becomes) > 1:
        heard.add(EDITIONS)
    here = row.status in (probe.status, None)
    if probe.hears in heard:
        return 0 if here else 1
    return 2 if probe.hears == POSSIBLE else 3


def with_row(row: Row, *instead_of_it: Row) -> Table:
    place = LIFECYCLE.index(row)
    return (*LIFECYCLE[:place], *instead_of_it, *LIFECYCLE[place + 1 :])


def key(row: Row) -> tuple[str, str]:
    return (row.status.value if row.status else "any"), row.hears


def called(row: Row) -> str:
    return " · ".join(filter(None, (*key(row), row.provided)))


# Every way in which a cell may be changed into another rule


def changes(row: Row, cell: str) -> Iterator[Row]:
    match cell:
        case "status":
            yield from (replace(row, status=status) for status in Status if status != row.status)
        case "hears":
            yield replace(row, hears="nothing that happens")
        case "from":
            yield from _other_sources(row)
        case "provided":
            provisos: tuple[Proviso, ...] = get_args(Proviso)
            as_good = ALWAYS_SO.get(key(row), set()) | IMPLIED.get(row.provided, set())
            for proviso in set(provisos) - {row.provided} - as_good:
                yield replace(row, provided=proviso)
        case "becomes":
            yield from _other_ways(row)
        case _:
            yield from _others_told(row)


def _other_sources(row: Row) -> Iterator[Row]:
    if not set(row.sources) & set(PEOPLE):
        for source in set(SOURCES) - set(row.sources):
            yield replace(row, sources=(source,))
        return
    for source in row.sources:
        others = tuple(each for each in row.sources if each != source)
        yield replace(row, sources=others)
        for person in set(PEOPLE) - set(row.sources):
            yield replace(row, sources=(*others, person))


def _other_ways(row: Row) -> Iterator[Row]:
    if key(row) in EDITED_BY_NO_EDITION:
        return
    ways: set[tuple[Status, ...]] = {(), *((status,) for status in Status if status != row.status)}
    if len(row.becomes) > 1:
        first, second = row.becomes
        ways |= {(first, Status.EDITING), (Status.EDITING, second)}
    yield from (replace(row, becomes=way) for way in ways - {row.becomes})


def _others_told(row: Row) -> Iterator[Row]:
    audiences: tuple[Audience, ...] = get_args(Audience)
    if key(row) not in EDITED_BY_NO_EDITION:
        yield replace(row, tells=(*row.tells, ("escalated", "operators")))
    for place, (told, audience) in enumerate(row.tells):
        before, after = row.tells[:place], row.tells[place + 1 :]
        yield replace(row, tells=(*before, *after))
        yield replace(row, tells=(*before, (_other(told), audience), *after))
        for other in set(audiences) - OF_SEVERAL - {audience}:
            if audience != "whose deadline":
                yield replace(row, tells=(*before, (told, other), *after))


def _other(told: Told) -> Told:
    return "reminder" if told != "reminder" else "overdue"


@pytest.mark.parametrize("row", LIFECYCLE, ids=called)
def test_no_row_is_there_in_vain(row: Row) -> None:
    assert noticed(row, with_row(row))


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("row", LIFECYCLE, ids=called)
def test_every_cell_matters(row: Row, cell: str) -> None:
    for changed in changes(row, cell):
        where = noticed(row, with_row(row, changed))
        assert where, f"nobody notices {changed}"
        if where == POSSIBLE:
            assert words_only(row, cell), f"{changed} changes words only"


def words_only(row: Row, cell: str) -> bool:
    return cell == "provided" and key(row) in NO_PROVISO_NEEDED


# The clocks of each status


def without(clocks: ClocksOfStatus, cell: str, name: ClockName) -> ClocksOfStatus:
    left = tuple(each for each in getattr(clocks, cell) if each != name)
    return _with(clocks, cell, left)


def with_more(clocks: ClocksOfStatus, cell: str, name: ClockName) -> ClocksOfStatus:
    return _with(clocks, cell, (*getattr(clocks, cell), name))


def _with(clocks: ClocksOfStatus, cell: str, names: tuple[ClockName, ...]) -> ClocksOfStatus:
    other: dict[str, Any] = {cell: names}
    return replace(clocks, **other)


def notices_clocks(status: Status, clocks: ClocksOfStatus) -> str | None:
    return noticed(clocks={**CLOCKS, status: clocks})


LISTED = [
    (status, cell, name)
    for status, clocks in CLOCKS.items()
    for cell, listed in (("runs", clocks.runs), ("stand_still", clocks.stand_still))
    for name in listed
]


@pytest.mark.parametrize(("status", "cell", "name"), LISTED)
def test_every_clock_that_is_listed_matters(status: Status, cell: str, name: ClockName) -> None:
    less = without(CLOCKS[status], cell, name)
    other = "runs" if cell == "stand_still" else "stand_still"
    assert notices_clocks(status, less)
    assert notices_clocks(status, with_more(less, other, name))


@pytest.mark.parametrize("cell", ["runs", "stand_still"])
@pytest.mark.parametrize("status", [each for each in Status if each is not Status.EDITING])
def test_one_clock_more_in_a_status_matters(status: Status, cell: str) -> None:
    """Not each one: a clock that never lives when the status is entered can't stand still in it."""
    clocks = CLOCKS[status]
    new = [name for name in get_args(ClockName) if name not in clocks.runs + clocks.stand_still]
    assert any(notices_clocks(status, with_more(clocks, cell, name)) for name in new)


# Cells that do not matter, and why


def test_a_draft_has_no_clocks_whatever_the_cell_says() -> None:
    """A submission that the directory refused takes its clocks along."""
    clocks = ClocksOfStatus(runs=("answer",), stand_still=("overall",))
    assert not notices_clocks(Status.EDITING, clocks)


@pytest.mark.parametrize("name", names())
def test_no_edition_lets_the_partner_edit_while_reviewers_read(name: str) -> None:
    for status, _ in EDITED_BY_NO_EDITION:
        assert edition(name).editable_in(Status(status)) == ()
