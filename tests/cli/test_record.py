"""The record of a claim, checked without an engine."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest

from cpor import PortalError
from cpor.client import records
from cpor.rules import views
from cpor.rules.history import EVERYBODY
from cpor.store import Store
from tests.rules.play import handed_off
from tests.rules.records import record_of
from tests.shell import Shell

CLAIM = "CPOR-7Q2M4X"


@pytest.fixture
def kept(shell: Shell) -> Path:
    """A record where the shell's store has it."""
    store = Store.open(str(shell.folder / "var/store"))
    asyncio.run(store.write_record(CLAIM, record_of(handed_off())))
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


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"run": "run-2"}, "something of the record was changed"),
        ({"history": {}}, "it has no history"),
        ({"history": ["text"]}, "entry 1 is no JSON object"),
        ({"history": [{"text": "?"}]}, "entry 1 is not as it was written"),
        ({"history": [{"seq": ["?"]}]}, "entry 1 is not as it was written"),
    ],
)
def test_a_damaged_record_is_one_sentence(
    shell: Shell, kept: Path, changes: dict[str, Any], said: str
) -> None:
    kept.write_text(json.dumps({**json.loads(kept.read_text("utf-8")), **changes}), "utf-8")
    _fails_with(shell, said)


def test_a_record_that_is_no_object_is_one_sentence(shell: Shell, kept: Path) -> None:
    kept.write_text("[]", "utf-8")
    _fails_with(shell, "The record of claim CPOR-7Q2M4X is no JSON object.")


def _fails_with(shell: Shell, said: str) -> None:
    done = shell.starter("record", CLAIM, "--verify")
    assert (done.returncode, done.stdout) == (1, "")
    assert said in done.stderr
    assert len(done.stderr.splitlines()) == 1


def _with_entry(record: dict[str, Any], entry: object) -> dict[str, Any]:
    first, _, *others = record["history"]
    return {**record, "history": [first, entry, *others]}


@pytest.mark.parametrize("claim", ["../../x", "..", "CPOR/7Q2M4X", ""])
def test_what_is_no_claim_id_names_no_place_in_the_store(
    shell: Shell, kept: Path, claim: str
) -> None:
    done = shell.starter("record", claim)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"invalid: {claim!r}: must be 4 to 40 characters of A-Z, 0-9 and -\n"


# Read as a history


def test_each_side_sees_in_the_record_what_it_saw_in_the_claim() -> None:
    play = handed_off()
    for side in EVERYBODY:
        seen = views.history(play.claim.state, [{"side": side}])
        assert records.history(record_of(play), side) == seen
        assert all(entry.changes is not None for entry in seen)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        ({}, "damaged: history.1.seq: is needed"),
        ("text", "damaged: history.1: "),
        ({"seq": 2, "at": "then"}, "damaged: history.1.at: "),
    ],
)
def test_a_damaged_history_is_one_sentence(damage: object, said: str) -> None:
    with pytest.raises(PortalError, match=said):
        records.history(_with_entry(record_of(handed_off()), damage), "reviewer")


def test_where_there_is_no_record_it_is_said_when_there_will_be_one(shell: Shell) -> None:
    done = shell.starter("record", "CPOR-NOWHERE", "--verify")
    assert done.returncode == 3
    assert "it is kept once the claim is handed off, or over" in done.stderr
