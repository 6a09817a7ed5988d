"""What a command loads, since that is most of the time it takes: nothing that it does not need."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import cast

import pytest
from pydantic import BaseModel
from typer.core import TyperGroup
from typer.main import get_command

from cpor.cli import help
from cpor.cli.app import command_line
from cpor.rules.views import ClaimView
from demo.commands import demo_app, notices_app
from tests.shell import LIMIT, ROOT, Shell

NO_ENGINE = {"TEMPORAL_ADDRESS": "127.0.0.1:1"}
SAID_AT_THE_END = """
import os, sys
end = os._exit
def say_what_is_loaded(code):
    os.write(2, " ".join(sys.modules).encode())
    end(code)
os._exit = say_what_is_loaded
from starter import app, main
main(app)
"""


def loaded_by(folder: Path, *words: str) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", SAID_AT_THE_END, *words],
        cwd=folder,
        env={
            **Shell(folder).environment,
            "TEMPORAL_ADDRESS": "127.0.0.1:1",
            "PYTHONPATH": str(ROOT),
        },
        capture_output=True,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    return set(done.stderr.splitlines()[-1].split(" "))


def parts(modules: set[str], *packages: str) -> set[str]:
    return {name for name in modules if name.startswith(tuple(f"{each}." for each in packages))}


def test_a_deadline_is_counted_without_the_engines_client_and_by_one_country(
    tmp_path: Path,
) -> None:
    loaded = loaded_by(tmp_path, "deadline", "--days", "5", "--country", "DE")
    assert parts(loaded, "holidays.countries") == {"holidays.countries.germany"}
    assert not loaded & {"holidays.calendars.islamic", "holidays.groups.hindu"}
    assert not parts(loaded, "temporalio", "pydantic_settings", "cpor.client", "cpor.rules.effects")
    assert not loaded & {"asyncio", "cpor.rules.facts", "cpor.rules.messages"}


@pytest.mark.parametrize("words", [("editions",), ("import-template",), ("--version",)])
def test_what_only_prints_loads_no_client(tmp_path: Path, words: tuple[str, ...]) -> None:
    assert not parts(loaded_by(tmp_path, *words), "temporalio", "holidays", "obstore")


def test_a_claim_is_shown_without_what_only_workers_need(tmp_path: Path) -> None:
    loaded = loaded_by(tmp_path, "show", "CPOR-7Q2M4X")
    assert parts(loaded, "temporalio.client")
    assert not parts(
        loaded, "temporalio.worker", "temporalio.testing", "holidays", "jinja2", "starlette"
    )
    assert not loaded & {"aiosmtpd", "cpor.local_mailbox"}, "which mails are put into"
    assert not loaded & {"cpor.client.openings", "cpor.rules.claim"}, "by which claims are started"
    assert not loaded & {"cpor.engine.launch", "cpor.engine.build"}, "which start an engine"


def test_a_command_is_built_without_the_others() -> None:
    """To build all of them takes as long as many a command runs."""
    assert built_for("show") == ["show"]
    assert built_for("keys") == ["keys"]
    assert built_for("lsit") == built_for("") == [*help.HEADINGS], "the nearest are named"


def built_for(word: str) -> list[str]:
    app = command_line(notices_app, demo_app)
    help.keep_only(app, word)
    return [*cast("TyperGroup", get_command(app)).commands]


def test_no_model_reads_its_own_source_at_each_start() -> None:
    """Only the contract shows what stands below a field."""
    models = list(kinds_of(BaseModel))
    assert ClaimView in models
    slow = [each for each in models if each.model_config.get("use_attribute_docstrings")]
    assert not slow, "leave the setting out: schemas find what stands below a field without it"


def kinds_of(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    for each in model.__subclasses__():
        yield each
        yield from kinds_of(each)
