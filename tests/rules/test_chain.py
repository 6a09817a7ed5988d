"""The record of a claim shows whether it was changed since it was kept, and where."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from claims import views
from claims.chain import misfits
from tests.rules.play import asked, handed_off, lapsed, withdrawn


def record_of(play: Any) -> dict[str, Any]:
    return {"run": "run-1", **views.record(play.claim)}


@pytest.mark.parametrize("so_far", [asked, lapsed, handed_off, withdrawn])
def test_a_record_as_it_was_kept_fits(so_far: Any) -> None:
    assert misfits(record_of(so_far())) == []


def test_each_entry_carries_the_hash_of_the_one_before() -> None:
    history = handed_off().claim.history
    assert history[0].before is None
    assert [entry.before for entry in history[1:]] == [entry.hash for entry in history[:-1]]


@pytest.mark.parametrize("place", [0, 3, -1])
def test_one_changed_byte_names_its_entry(place: int) -> None:
    record = record_of(handed_off())
    entry = record["history"][place]
    entry["text"] = entry["text"][:-1] + "!"
    assert misfits(record)[0].startswith(f"entry {entry['seq']} is not as it was written")


def test_an_entry_left_out_or_put_in_is_noticed() -> None:
    record = record_of(handed_off())
    without, doubled = copy.deepcopy(record), copy.deepcopy(record)
    del without["history"][2]
    doubled["history"].insert(2, copy.deepcopy(doubled["history"][2]))
    assert misfits(without)[0].startswith("entry 2 ")
    assert misfits(doubled)[0].startswith("entry 3 ")


@pytest.mark.parametrize("field", ["status", "receipts", "deadlines", "notices", "evidence"])
def test_whatever_else_was_changed_is_noticed(field: str) -> None:
    record = record_of(handed_off())
    record[field] = "something else"
    assert misfits(record) == ["something of the record was changed since it was kept"]


@pytest.mark.parametrize("broken", [{}, {"history": []}, {"history": "none"}])
def test_what_is_no_record_says_so(broken: dict[str, Any]) -> None:
    assert misfits(broken) == ["it has no history"]
