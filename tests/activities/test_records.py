from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from activities.records import RecordActivity
from claims.effects import Record
from store import FileChanged, Store
from tests.activities.conftest import Attempts
from tests.activities.facts import BEGAN, CLAIM


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(str(tmp_path))


def record(run: str, status: str = "Rejected") -> Record:
    return Record(claim_id=CLAIM, run=run, record={"claim_id": CLAIM, "status": status})


async def test_a_record_is_plain_json_with_its_run(
    store: Store, tmp_path: Path, attempt: Attempts
) -> None:
    result = await attempt(RecordActivity(store).keep_record, record("run-1"))
    assert result.outcome == "kept"
    assert result.at >= BEGAN
    assert (tmp_path / "records" / CLAIM / "record.json").exists()
    assert await store.read_record(CLAIM) == {
        "run": "run-1",
        "claim_id": CLAIM,
        "status": "Rejected",
    }


async def test_the_same_run_may_write_its_record_again(store: Store, attempt: Attempts) -> None:
    await attempt(RecordActivity(store).keep_record, record("run-1"))
    result = await attempt(RecordActivity(store).keep_record, record("run-1", "Approved"))
    assert result.outcome == "kept"
    assert (await store.read_record(CLAIM) or {})["status"] == "Approved"


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


async def test_an_unreadable_record_is_one_sentence_and_not_overwritten(
    store: Store, tmp_path: Path
) -> None:
    await store.write(f"records/{CLAIM}/record.json", b"{")
    with pytest.raises(FileChanged, match="not readable JSON"):
        await store.write_record(CLAIM, "run-1", {})
    assert (tmp_path / "records" / CLAIM / "record.json").read_bytes() == b"{"
