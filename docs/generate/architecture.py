"""The rooms of the house and who imports whom, read off the code.

    uv run python -m docs.generate.architecture

writes the picture in `docs/architecture.md` anew. A test holds the picture to the code, and the
code to the table of arrows in `tests/house/test_rooms.py`.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

from docs.generate.marks import Marks

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/architecture.md"
MARKS = Marks("<!-- made by docs.generate.architecture -->\n", "<!-- end -->")
_NOT_OURS = {"tests", "var"}
_NOT_DRAWN = {"bench", "docs", "examples", "deployment", "cpor"}
"""What only tries, measures, writes or re-exports the rest."""


@cache
def _all_files() -> Mapping[Path, str]:
    """Each file of Python outside the tests, with the module it is."""
    found = list(ROOT.glob("*.py"))
    for folder in ROOT.iterdir():
        if folder.is_dir() and folder.name not in _NOT_OURS and not folder.name.startswith("."):
            found += folder.rglob("*.py")
    return {
        path: ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in sorted(found)
    }


def room_of(module: str) -> str:
    """A folder at the top, or of the library; a file that stands alone there is a room too."""
    parts = module.split(".")
    if parts[0] != "cpor":
        return parts[0]
    room = ".".join(parts[:2])
    return room if room in ROOMS else "cpor"


def files(room: str) -> list[Path]:
    return [path for path, module in _all_files().items() if room_of(module) == room]


def imports(file: Path) -> Iterator[str]:
    """Modules that a file imports, also where only for their types."""
    for node in ast.walk(ast.parse(file.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            whole = node.module == "cpor"
            yield from (f"cpor.{alias.name}" for alias in node.names) if whole else [node.module]


ROOMS = tuple(
    dict.fromkeys(
        ".".join(module.split(".")[: 2 if module.startswith("cpor") else 1])
        for module in _all_files().values()
    )
)


def arrows() -> Mapping[str, set[str]]:
    """Which rooms each room imports."""
    return {
        room: {
            other
            for file in files(room)
            for other in map(room_of, imports(file))
            if other in ROOMS and other != room
        }
        for room in ROOMS
    }


def picture() -> str:
    """The rooms as a Mermaid chart. An arrow that follows from others is left out."""
    drawn = {
        room: others - _NOT_DRAWN
        for room, others in sorted(arrows().items())
        if room not in _NOT_DRAWN
    }
    lines = [
        f"    {_id(room)} --> {_id(other)}"
        for room, others in drawn.items()
        for other in sorted(others)
        if not any(other in _reached(drawn, between) for between in others - {other})
    ]
    names = [f"    {_id(room)}[{room}]" for room in drawn]
    return "\n".join(["```mermaid", "flowchart TD", *names, *lines, "```"]) + "\n"


def with_picture(page: str) -> str:
    return MARKS.filled(page, picture())


def _reached(drawn: Mapping[str, set[str]], room: str) -> set[str]:
    found: set[str] = set()
    to_visit = list(drawn[room])
    while to_visit:
        if (other := to_visit.pop()) not in found:
            found.add(other)
            to_visit += drawn[other]
    return found


def _id(room: str) -> str:
    return room.replace(".", "_")


if __name__ == "__main__":
    PAGE.write_text(with_picture(PAGE.read_text("utf-8")), "utf-8")
