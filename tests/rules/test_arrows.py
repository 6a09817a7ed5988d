"""Who may import whom: the walls of the house."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
OURS = {path.stem for path in ROOT.glob("*.py")} | {
    path.parent.name for path in ROOT.glob("*/__init__.py")
}

MAY_IMPORT = {
    "claims": set[str](),
    "workflows": {"claims"},
    "activities": {"calendars", "claims", "links", "settings", "store"},
    "calendars": {"claims"},
    "settings": {"calendars", "claims"},
    "store": {"claims"},
    "engine": set[str](),
    "leaving": set[str](),
    "monitoring": {
        "activities",
        "claims",
        "engine",
        "links",
        "portal",
        "settings",
        "store",
        "workflows",
    },
    "links": {"settings"},
    "local_mailbox": {"settings", "store"},
}
KEPT_OUT = {
    "claims": {"temporalio", "httpx", "aiosmtplib", "obstore", "asyncio", "socket", "holidays"},
    "calendars": {"temporalio"},
    "workflows": {"aiosmtplib", "httpx", "obstore", "jinja2", "holidays"},
    "activities": {"workflows"},
}
CLOCKS = {"now", "utcnow", "today", "time"}
SIGNS_BY_THE_MACHINES_CLOCK = ROOT / "activities/signature.py"
"""A receiver compares its own clock with what was signed, whatever time the claim has."""


def files(room: str) -> list[Path]:
    folder = ROOT / room
    return sorted(folder.rglob("*.py")) if folder.is_dir() else [ROOT / f"{room}.py"]


def imported(file: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield (node.module or "").partition(".")[0]


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_a_room_imports_only_the_rooms_it_may(room: str) -> None:
    for file in files(room):
        found = set(imported(file)) & OURS - {room}
        assert found <= MAY_IMPORT[room], f"{file.relative_to(ROOT)} imports {found}"


@pytest.mark.parametrize("room", KEPT_OUT)
def test_a_room_does_not_meet_what_is_kept_out_of_it(room: str) -> None:
    for file in files(room):
        found = set(imported(file)) & KEPT_OUT[room]
        assert not found, f"{file.relative_to(ROOT)} imports {found}"


@pytest.mark.parametrize("room", ["claims", "calendars", "workflows", "activities"])
def test_nobody_asks_the_machine_what_time_it_is(room: str) -> None:
    """Rules are told the time, workflows and activities have the claim's own."""
    for file in [each for each in files(room) if each != SIGNS_BY_THE_MACHINES_CLOCK]:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module == "time":
                named = {alias.name for alias in node.names}
                assert not named & CLOCKS, f"{file.relative_to(ROOT)}:{node.lineno} takes the clock"
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            asked = node.func
            owner = asked.value.id if isinstance(asked.value, ast.Name) else ""
            if asked.attr in CLOCKS and owner in ("datetime", "date", "time"):
                raise AssertionError(f"{file.relative_to(ROOT)}:{node.lineno} asks the clock")


def test_no_file_is_too_long_to_be_one_idea() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for room in [*MAY_IMPORT, "portal", "page", "commands", "worker", "starter"]
        for path in files(room)
        if (lines := len(path.read_text("utf-8").splitlines())) > 400
    }
    assert not long
