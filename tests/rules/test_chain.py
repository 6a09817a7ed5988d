"""The record of a claim shows whether it was changed since it was kept, and where."""

from __future__ import annotations

import copy
from datetime import UTC, datetime
from typing import Any

import pytest

from cpor.rules.chain import misfits
from cpor.rules.facts import By
from cpor.rules.history import Entry
from tests.rules.play import asked, handed_off, lapsed, withdrawn
from tests.rules.records import record_of


@pytest.mark.parametrize("so_far", [asked, lapsed, handed_off, withdrawn])
def test_a_record_as_it_was_kept_fits(so_far: Any) -> None:
    assert misfits(record_of(so_far())) == []


def test_each_entry_carries_the_hash_of_the_one_before() -> None:
    history = handed_off().claim.state.history
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


def test_a_history_without_its_beginning_is_noticed() -> None:
    record = record_of(handed_off())
    del record["history"][0]
    assert misfits(record)[0] == "entry 1 is not the first that was written"


def test_a_history_without_its_end_is_noticed() -> None:
    record = record_of(handed_off())
    del record["history"][-1]
    assert misfits(record)[0].startswith(f"entry {len(record['history'])} is not as it was written")


@pytest.mark.parametrize(
    "field", ["run", "status", "receipts", "deadlines", "notices", "evidence", "added"]
)
def test_whatever_else_was_changed_is_noticed(field: str) -> None:
    record = record_of(handed_off())
    record[field] = "something else"
    assert misfits(record) == ["something of the record was changed since it was kept"]


@pytest.mark.parametrize("broken", [{}, {"history": []}, {"history": "none"}])
def test_what_is_no_record_says_so(broken: dict[str, Any]) -> None:
    assert misfits(broken) == ["it has no history"]


@pytest.mark.parametrize("entry", [None, 7, "text", ["list"]])
def test_what_is_no_entry_is_named_by_its_place(entry: object) -> None:
    record = record_of(handed_off())
    record["history"][2] = entry
    assert misfits(record)[0] == "entry 3 is no JSON object"


@pytest.mark.parametrize("number", [None, "three", 99, [3]])
def test_an_entry_whose_number_was_changed_is_named_by_its_place(number: object) -> None:
    record = record_of(handed_off())
    record["history"][2]["seq"] = number
    assert misfits(record)[0].startswith("entry 3 is not as it was written")
    del record["history"][2]["seq"]
    assert misfits(record)[0].startswith("entry 3 is not as it was written")


# What later releases may do


EARLIER = Entry(
    seq=3,
    at=datetime(2026, 3, 2, 9, 14, tzinfo=UTC),
    by=By(role="partner", id="4912345"),
    what="edit",
    text="changed the customer's Größe",
    changes={"products": [["teams"], ["teams", "sharepoint"]], "note": None},
    before="0" * 64,
)


class LaterBy(By):
    tenant: str | None = None


class LaterEntry(Entry):
    """As a later release may have it: with fields that this one does not know."""

    by: LaterBy  # pyright: ignore[reportIncompatibleVariableOverride] as a changed class has it
    device: str | None = None
    labels: tuple[str, ...] = ()


def test_a_hash_stays_what_it_is_in_every_release() -> None:
    """If this fails, no record that was kept before fits any more."""
    assert EARLIER.hash == "acfb238d9763f872526654898184f749202d2d02c2f61088669658ba40b5f4de"


@pytest.mark.parametrize("so_far", [asked, handed_off, withdrawn])
def test_more_fields_in_a_later_release_leave_earlier_hashes_as_they_are(so_far: Any) -> None:
    for entry in [EARLIER, *so_far().claim.state.history]:
        later = LaterEntry.model_validate_json(entry.model_dump_json())
        assert later.model_dump() != entry.model_dump()
        assert later.hash == entry.hash
        assert later.model_copy(update={"device": "phone"}).hash != entry.hash


@pytest.mark.parametrize("so_far", [asked, handed_off, withdrawn])
def test_a_claim_put_away_and_taken_up_has_the_hashes_it_had(so_far: Any) -> None:
    for entry in so_far().claim.state.history:
        assert Entry.model_validate_json(entry.model_dump_json()).hash == entry.hash


def test_what_an_entry_changed_is_kept_as_json_whatever_it_was() -> None:
    """Else it would be hashed in one form before it is put away, and in another one after."""
    given = EARLIER.model_copy(update={"changes": {"by": [None, EARLIER.by]}})
    entry = Entry(**dict(given))
    assert Entry.model_validate_json(entry.model_dump_json()).hash == entry.hash
