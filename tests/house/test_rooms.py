"""The code keeps to the table of rooms, and to what else holds for whole rooms."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter

import pytest

from docs.generate.architecture import ROOMS, ROOT, files, imports, room_of
from tests.house.rooms import MAY_IMPORT

WIRES = {"demo", "worker", "starter", "bench", "docs", "examples", "deployment"}
"""They put rooms together. Nobody imports them, but for `starter.py`, which has the demo's
commands, and for the documents, which show pictures of its previews."""

KEPT_OUT: Mapping[str, set[str]] = {
    "cpor.rules": {"temporalio", "httpx", "aiosmtplib", "obstore", "asyncio", "socket", "holidays"},
    "cpor.calendars": {"temporalio"},
    "workflows": {"aiosmtplib", "httpx", "obstore", "jinja2", "holidays"},
}
CLOCKS = {"now", "utcnow", "today", "time"}
SIGNS_BY_THE_MACHINES_CLOCK = ROOT / "activities/events/signature.py"
"""A receiver compares its own clock with what was signed, whatever time the claim has."""
MOST_LINES = 400


def test_every_room_has_a_line_in_the_table() -> None:
    assert set(ROOMS) == set(MAY_IMPORT) | WIRES


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_a_room_imports_only_the_rooms_it_may(room: str) -> None:
    found = {
        f"{file.relative_to(ROOT)} imports {other}"
        for file in files(room)
        for other in map(room_of, imports(file))
        if other in ROOMS and other not in {room, *MAY_IMPORT[room]}
    }
    assert not found


def test_nobody_imports_what_wires_the_rooms() -> None:
    found = {
        (room, other)
        for room in ROOMS
        for file in files(room)
        for other in map(room_of, imports(file))
        if other in WIRES and other != room
    }
    assert found <= {("starter", "demo"), ("docs", "demo")}


def test_no_room_imports_in_a_circle() -> None:
    try:
        TopologicalSorter(MAY_IMPORT).prepare()
    except CycleError as error:
        pytest.fail(f"in a circle: {error.args[1]}")


@pytest.mark.parametrize("room", KEPT_OUT)
def test_a_room_does_not_meet_what_is_kept_out_of_it(room: str) -> None:
    for file in files(room):
        found = {name.partition(".")[0] for name in imports(file)} & KEPT_OUT[room]
        assert not found, f"{file.relative_to(ROOT)} imports {found}"


@pytest.mark.parametrize("room", ["cpor.rules", "cpor.calendars", "workflows", "activities"])
def test_nobody_asks_the_machine_what_time_it_is(room: str) -> None:
    """Rules are told the time, workflows and activities have the claim's own."""
    for file in [each for each in files(room) if each != SIGNS_BY_THE_MACHINES_CLOCK]:
        tree = ast.parse(file.read_text("utf-8"))
        assert not list(_asks_the_clock(tree)), f"{file.relative_to(ROOT)}"


def _asks_the_clock(tree: ast.AST) -> Iterator[int]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module == "time":
            if {alias.name for alias in node.names} & CLOCKS:
                yield node.lineno
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            name = owner.id if isinstance(owner, ast.Name) else ""
            if node.func.attr in CLOCKS and name in ("datetime", "date", "time"):
                yield node.lineno


def test_no_test_module_imports_another() -> None:
    """What tests share stands in a module of helpers."""
    found = {
        f"{file.relative_to(ROOT)}: {line.strip()}"
        for file in (ROOT / "tests").rglob("*.py")
        for line in file.read_text("utf-8").splitlines()
        if re.match(r"\s*(from|import) .*\btest_", line)
    }
    assert not found


def test_no_file_is_too_long_to_be_one_idea() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for room in ROOMS
        for path in files(room)
        if (lines := len(path.read_text("utf-8").splitlines())) > MOST_LINES
    }
    assert not long
