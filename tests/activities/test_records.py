from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from temporalio.exceptions import ApplicationError

from activities.records import RecordActivity
from cpor.rules.chain import misfits
from cpor.rules.effects.record import Record
from cpor.store import Store
from tests.activities.conftest import Attempts
from tests.activities.facts import BEGAN, CLAIM


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(str(tmp_path))


def record(run: str, status: str = "Rejected") -> Record:
    known = {
        "claim_id": CLAIM,
        "partner": {"mpn_id": "4912345"},
        "status": status,
        "history": [{"seq": 1}],
    }
    return Record(claim_id=CLAIM, run=run, record=known)


async def test_a_record_is_plain_json_with_its_run_sealed_as_it_lies_there(
    store: Store, tmp_path: Path, attempt: Attempts
) -> None:
    result = await attempt(RecordActivity(store).keep_record, record("run-1"))
    assert result.outcome == "kept"
    assert result.at >= BEGAN
    assert (tmp_path / "records" / CLAIM / "record.json").exists()
    kept = await store.read_record(CLAIM) or {}
    assert (kept["run"], kept["claim_id"], kept["status"]) == ("run-1", CLAIM, "Rejected")
    assert misfits(kept) == []
    assert misfits({**kept, "run": "run-2"}) == [
        "something of the record was changed since it was kept"
    ]


async def test_the_same_run_adds_a_version_to_its_record(store: Store, attempt: Attempts) -> None:
    await attempt(RecordActivity(store).keep_record, record("run-1"))
    result = await attempt(RecordActivity(store).keep_record, record("run-1", "Approved"))
    assert result.outcome == "kept"
    assert (await store.read_record(CLAIM) or {})["status"] == "Approved"
    assert (await store.read_record(CLAIM, 1) or {})["status"] == "Rejected"


async def test_no_record_is_without_its_entry_in_the_partners_index(
    store: Store, tmp_path: Path, attempt: Attempts
) -> None:
    (tmp_path / "partners").write_text("no folder, so that the entry cannot be written")
    with pytest.raises(ApplicationError, match="store"):
        await attempt(RecordActivity(store).keep_record, record("run-1"))
    (tmp_path / "partners").unlink()
    await attempt(RecordActivity(store).keep_record, record("run-1"))
    assert [each async for each in store.recorded("4912345")] == [CLAIM]


async def test_another_runs_record_is_never_written_over(store: Store, attempt: Attempts) -> None:
    await attempt(RecordActivity(store).keep_record, record("run-1"))
    result = await attempt(RecordActivity(store).keep_record, record("run-2"))
    assert result.outcome == "refused"
    assert CLAIM in result.detail
    assert (await store.read_record(CLAIM) or {})["run"] == "run-1"


async def test_of_many_runs_at_once_one_leaves_its_record(store: Store, attempt: Attempts) -> None:
    act = RecordActivity(store).keep_record
    results = await asyncio.gather(*(attempt(act, record(f"run-{n}")) for n in range(20)))
    assert [result.outcome for result in results].count("kept") == 1


async def test_a_claim_without_a_record_has_none(store: Store) -> None:
    assert await store.read_record(CLAIM) is None


@pytest.mark.parametrize(
    ("damaged", "said"),
    [
        (b"{", "is not readable JSON"),
        (b"[" * 100_000, "is not readable JSON"),
        (b"[]", "is no JSON object"),
        (b"null", "is no JSON object"),
    ],
)
async def test_an_unreadable_record_is_one_sentence_and_not_overwritten(
    store: Store, tmp_path: Path, attempt: Attempts, damaged: bytes, said: str
) -> None:
    await store.write(f"records/{CLAIM}/record.json", damaged)
    result = await attempt(RecordActivity(store).keep_record, record("run-1"))
    assert result.outcome == "refused"
    assert f"{said}. Move it out of the store, then say retry." in result.detail
    assert (tmp_path / "records" / CLAIM / "record.json").read_bytes() == damaged


async def test_an_unreadable_record_in_the_way_waits_for_an_operator(
    store: Store, tmp_path: Path, attempt: Attempts
) -> None:
    """Tried again it would be in the way for ever; given up, the claim would have no record."""
    await store.write(f"records/{CLAIM}/record.json", b"{")
    result = await attempt(RecordActivity(store).keep_record, record("run-1"))
    assert (result.outcome, "is not readable JSON" in result.detail) == ("refused", True)
    (tmp_path / "records" / CLAIM / "record.json").unlink()
    assert (await attempt(RecordActivity(store).keep_record, record("run-1"))).outcome == "kept"
