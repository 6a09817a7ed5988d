"""The record of a claim, checked without an engine."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest

from claims import views
from store import Store
from tests.journeys.conftest import Shell
from tests.rules.play import handed_off

CLAIM = "CPOR-7Q2M4X"


@pytest.fixture
def kept(shell: Shell) -> Path:
    """A record where the shell's store has it."""
    store = Store.open(str(shell.folder / "var/store"))
    asyncio.run(store.write_record(CLAIM, "run-1", views.record(handed_off().claim)))
    return shell.folder / f"var/store/records/{CLAIM}/record.json"


def test_a_record_is_printed_as_it_is(shell: Shell, kept: Path) -> None:
    assert shell.json("record", CLAIM) == json.loads(kept.read_text("utf-8"))


def test_a_record_that_fits_says_so(shell: Shell, kept: Path) -> None:
    done = shell.starter("record", CLAIM, "--verify")
    assert (done.returncode, done.stderr) == (0, "")
    assert "the record fits, all" in done.stdout


def test_one_changed_byte_names_the_entry(shell: Shell, kept: Path) -> None:
    text = kept.read_text("utf-8")
    kept.write_text(text.replace("approved the claim", "approved the Claim"), "utf-8")
    done = shell.starter("record", CLAIM, "--verify")
    number = next(
        entry["seq"] for entry in json.loads(text)["history"] if entry["what"] == "approve"
    )
    assert done.returncode == 1
    assert f"entry {number} is not as it was written" in done.stderr


def test_where_there_is_no_record_it_is_said_when_there_will_be_one(shell: Shell) -> None:
    done = shell.starter("record", "CPOR-NOWHERE", "--verify")
    assert done.returncode == 3
    assert "it is kept once the claim is handed off, or over" in done.stderr
