"""The library as it is installed: the wheel, alone in an empty environment."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest

from docs.generate.architecture import ROOMS, ROOT, files, imports, room_of
from tests.house.rooms import MAY_IMPORT

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
READ_BY_IMPORT = (".py", ".pyc", ".zip")
"""The last is where Python looks for its own library first."""
LIMIT = 300.0
"""Seconds for each command, also where all packages must be downloaded first."""

WHAT_THE_IMPORT_DOES = """
import json, os, sys

opened, variables = [], []

def watch(event, args):
    if event == "open":
        opened.append(str(args[0]))
    elif event in ("os.putenv", "os.unsetenv"):
        variables.append(str(args[0]))

sys.addaudithook(watch)
import cpor
from cpor import ClaimsClient
for name in dir(cpor):
    getattr(cpor, name)

from temporalio.runtime import Runtime, TelemetryConfig
Runtime.set_default(Runtime(telemetry=TelemetryConfig()))  # raises where there is one already
print(json.dumps({"opened": opened, "variables": variables, "file": cpor.__file__}))
"""
WHAT_CONNECT_DOES = """
import json, sys

variables, runtimes = [], []
sys.addaudithook(lambda event, args: event == "os.putenv" and variables.append(str(args[0])))
from cpor import ClaimsClient, EngineUnreachable, exits
from temporalio.runtime import Runtime
Runtime.set_default = lambda *given, **named: runtimes.append(str(given))

async def main():
    try:
        async with ClaimsClient.connect("store"):
            said = "connected"
    except EngineUnreachable as error:
        said = str(error)
    print(json.dumps({"said": said, "variables": variables, "runtimes": runtimes}))
    return 0

exits.run(main())
"""


def run(*command: str | Path, **environment: str) -> str:
    done = subprocess.run(
        [str(word) for word in command],
        cwd=ROOT,
        env={**os.environ, **environment},
        capture_output=True,
        encoding="utf-8",
        timeout=LIMIT,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(uv(), "build", "--wheel", "--out-dir", folder)
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def python(wheel: Path) -> Path:
    """Of an environment with the wheel and what it requires, in the versions of the lock file."""
    environment = wheel.with_name("environment")
    into = {"UV_PROJECT_ENVIRONMENT": str(environment)}
    run(uv(), "sync", "--frozen", "--no-dev", "--python", sys.executable, **into)
    python = environment / "bin/python"
    run(uv(), "pip", "install", "--no-deps", "--offline", "--python", python, wheel)
    return python


def uv() -> str:
    return os.environ.get("UV", "uv")


def test_the_wheel_holds_the_library_whole_and_no_other_name(wheel: Path) -> None:
    packed = {name for name in ZipFile(wheel).namelist() if not name.endswith("/")}
    metadata = {name for name in packed if ".dist-info/" in name}
    there = {
        str(path.relative_to(ROOT))
        for path in (ROOT / "cpor").rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert packed - metadata == there
    assert "cpor/py.typed" in packed


def test_importing_it_reads_no_file_sets_no_variable_and_makes_no_runtime(python: Path) -> None:
    seen = run_in_nowhere(python, WHAT_THE_IMPORT_DOES)
    assert Path(seen["file"]).is_relative_to(python.parents[1])
    read = [path for path in seen["opened"] if not path.endswith(READ_BY_IMPORT)]
    others = [path for path in read if ".dist-info/" not in path]
    assert others == []
    assert seen["variables"] == []


def test_connecting_takes_no_secret_into_the_environment_and_sets_no_runtime(
    python: Path, tmp_path: Path
) -> None:
    (tmp_path / "claims_smtp_password").write_text("of the worker")
    (tmp_path / "temporal_api_key").write_text("of the worker")
    seen = run_in_nowhere(python, WHAT_CONNECT_DOES, CLAIMS_SECRETS_FOLDER=str(tmp_path))
    assert seen["said"].startswith("No Temporal answers at 127.0.0.1:1.")
    assert (seen["variables"], seen["runtimes"]) == ([], [])


def run_in_nowhere(python: Path, script: str, **environment: str) -> Mapping[str, Any]:
    """In a folder without anything, beside no checkout."""
    folder = python.parents[1] / "nowhere"
    folder.mkdir(exist_ok=True)
    done = subprocess.run(
        [python, "-I", "-B", "-c", script],
        cwd=folder,
        env={"PATH": os.defpath, "TEMPORAL_ADDRESS": "127.0.0.1:1", **environment},
        capture_output=True,
        encoding="utf-8",
        timeout=LIMIT,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    ("extra", "rooms"),
    [
        (None, ["cpor"]),
        ("proofs", ["cpor.proofs"]),
        ("page", ["cpor.page"]),
        ("cli", ["cpor.cli"]),
        ("worker", ["worker", "workflows", "activities"]),
    ],
)
def test_what_a_part_imports_comes_with_its_extra(extra: str | None, rooms: Sequence[str]) -> None:
    wanted = {
        name.partition(".")[0]
        for room in with_those_they_import(rooms)
        for file in files(room)
        for name in imports(file)
    }
    others = wanted - sys.stdlib_module_names - {room.partition(".")[0] for room in ROOMS}
    installed = {_as_imported(name) for name in installed_with(extra)}
    comes_with = packages_distributions()
    missing = {
        name
        for name in others
        if not installed & {name, *map(_as_imported, comes_with.get(name, ()))}
    }
    assert not missing


def _as_imported(distribution: str) -> str:
    return distribution.lower().replace("-", "_")


def with_those_they_import(rooms: Iterable[str]) -> set[str]:
    """As the table of rooms allows; what wires rooms may import them all."""
    found, ahead = set[str](), list(rooms)
    while ahead:
        room = ahead.pop()
        if room not in found:
            found.add(room)
            wired = (room_of(name) for file in files(room) for name in imports(file))
            ahead += MAY_IMPORT.get(room, [each for each in wired if each in ROOMS])
    return found


BROUGHT_ALONG = {
    "jinja2": {"markupsafe"},
    "pydantic": {"pydantic_core"},
    "pyjwt": {"jwt"},
    "temporalio": {"google"},
}


def installed_with(extra: str | None) -> set[str]:
    required: list[str] = list(PROJECT["dependencies"])
    if extra is not None:
        required += PROJECT["optional-dependencies"][extra]
    found: set[str] = set()
    for requirement in required:
        name = requirement.partition(">")[0]
        if name.startswith("cpor-claims["):
            for other in name.partition("[")[2].rstrip("]").split(","):
                found |= installed_with(other)
        else:
            found |= {name, *BROUGHT_ALONG.get(name, set())}
    return found
