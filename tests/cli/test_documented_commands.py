"""The commands that the documents print are there, with the options they are printed with."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import cast

import pytest
from typer.core import TyperGroup
from typer.main import get_command

from cpor.cli.app import command_line
from demo.commands import demo_app, notices_app

ROOT = Path(__file__).parents[2]
PAGES = ["README.md", "CONTRIBUTING.md", *(f"docs/{each.name}" for each in ROOT.glob("docs/*.md"))]
CODE = re.compile(r"^ {4,}(\S.*)$|^(uv run .*|.*starter\.py .*)$|`([^`\n]*(?:\n[^`\n]*)?)`", re.M)
STARTER = re.compile(r"\bstarter\.py ([a-z][a-z-]*)(?: ([a-z]+)\b)?(.*)")


def commands(page: str) -> Iterator[str]:
    """What stands as code, without the remark behind it."""
    for groups in CODE.findall((ROOT / page).read_text("utf-8")):
        yield " ".join("".join(groups).partition("  #")[0].split())


def unknown(line: str, known: TyperGroup) -> Iterator[str]:
    """Words in a line with `starter.py` that it does not take."""
    for name, second, rest in STARTER.findall(line):
        command = known.commands.get(name)
        if command is None:
            yield name
            continue
        if isinstance(command, TyperGroup) and second in command.commands:
            command = command.commands[second]
        options = {each for param in command.params for each in param.opts}
        yield from set(re.findall(r"(?<!\S)--[a-z-]+", rest)) - options - {"--help"}


def test_a_misprinted_command_or_option_is_seen() -> None:
    known = cast("TyperGroup", get_command(command_line(notices_app, demo_app)))
    assert [*unknown("uv run starter.py aprove CPOR-1 --by kim", known)] == ["aprove"]
    assert [*unknown("starter.py keys trust FILE --rol partner", known)] == ["--rol"]
    assert len([line for line in commands("README.md") if "starter.py" in line]) >= 8


@pytest.mark.parametrize("page", PAGES)
def test_each_command_of_the_starter_is_one_with_these_options(page: str) -> None:
    known = cast("TyperGroup", get_command(command_line(notices_app, demo_app)))
    assert not {line: wrong for line in commands(page) if (wrong := [*unknown(line, known)])}


@pytest.mark.parametrize("page", PAGES)
def test_each_module_and_file_that_is_run_is_there(page: str) -> None:
    code = "\n".join(commands(page))
    modules = set(re.findall(r"python3? -m ([\w.]+\w)", code))
    assert not {name for name in modules if find_spec(name) is None}
    files = set(re.findall(r"(?:uv run|python3|pytest)(?: --?\S+)* ([\w/-]+\.py)\b", code))
    assert not {name for name in files if not (ROOT / name).is_file()}
