"""The rooms of the house and who imports whom, read off the code.

    uv run python -m docs.generate.architecture

writes the picture in `docs/architecture.md` anew; a test holds it there.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
_NOT_OURS = {"tests", "var"}


@cache
def _all_files() -> Mapping[Path, str]:
    """Each file of Python outside the tests, with the module it is."""
    found: dict[Path, str] = {}
    for path in sorted(ROOT.rglob("*.py")):
        parts = path.relative_to(ROOT).with_suffix("").parts
        if parts[0] not in _NOT_OURS and not parts[0].startswith("."):
            found[path] = ".".join(parts).removesuffix(".__init__")
    return found


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
