"""What the activity answers a claim that wants its proof looked into."""

from __future__ import annotations

from collections.abc import AsyncIterable
from pathlib import Path

import pytest
from temporalio.exceptions import ApplicationError

from activities.proof_files import ProofFilesActivity
from cpor.evidence import kept
from cpor.evidence.confinement import SHEET, Pieces, Readers
from cpor.evidence.reading import Reading
from cpor.rules.effects.look import FileToRead
from cpor.rules.proof_files import MEDIA_TYPES
from cpor.store import Store
from tests.activities.conftest import Attempts
from tests.activities.proof import CLAIM, look, put
from tests.evidence import documents

TEXT = "Fabrikam rolls out Microsoft Teams for Contoso (contoso.example), 2 March 2026."


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(str(tmp_path / "store"))


async def test_it_answers_verdicts_counts_and_codes_and_no_word_of_the_file(
    store: Store, readers: Readers, tmp_path: Path, attempt: Attempts
) -> None:
    file = put(tmp_path, documents.word(TEXT))
    found = await attempt(ProofFilesActivity(store, readers).look_into_proof, look(file))
    assert (found.files[file.sha256].verdict, found.lines["product"].found) == ("clean", 1)
    assert found.lines["mpn_id"].missing == 1
    assert "missing_customer_acknowledgement" in found.asks
    said = found.model_dump_json()
    assert not {"Fabrikam", "Contoso", "Teams", "sow"} & set(said.split('"'))
    assert len(said) < 1500


async def test_a_file_is_read_once_and_again_under_another_name(
    store: Store,
    readers: Readers,
    tmp_path: Path,
    attempt: Attempts,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = put(tmp_path, documents.word(TEXT))
    looking, read = ProofFilesActivity(store, readers).look_into_proof, readers.read
    names = list[str]()

    async def counted(pieces: Pieces, name: str, media_type: str | None = None) -> Reading:
        names.append(name)
        return await read(pieces, name, media_type)

    monkeypatch.setattr(readers, "read", counted)
    first = await attempt(looking, look(file))
    assert await attempt(looking, look(file)) == first
    assert names == ["sow.docx"]
    renamed = file.model_copy(update={"name": "sow.pdf"})
    again = await attempt(looking, look(renamed))
    assert again.files[file.sha256].findings == ["wrong_type"]
    assert names == ["sow.docx", "sow.pdf"]


async def test_what_is_kept_and_is_not_readable_is_found_anew(
    store: Store, readers: Readers, tmp_path: Path, attempt: Attempts
) -> None:
    file = put(tmp_path, documents.word(TEXT))
    await store.write_beside(CLAIM, file.sha256, kept.BESIDE, b"{")
    found = await attempt(ProofFilesActivity(store, readers).look_into_proof, look(file))
    assert found.lines["product"].found == 1


async def test_a_file_that_the_store_does_not_give_is_asked_for_again(
    store: Store, readers: Readers, attempt: Attempts
) -> None:
    gone = FileToRead(sha256="0" * 64, name="gone.docx", media_type=MEDIA_TYPES["docx"])
    with pytest.raises(ApplicationError) as caught:
        await attempt(ProofFilesActivity(store, readers).look_into_proof, look(gone))
    assert not caught.value.non_retryable
    assert caught.value.type == "FileMissing"


async def test_where_no_sheet_can_be_written_the_verdicts_stand(
    store: Store,
    readers: Readers,
    tmp_path: Path,
    attempt: Attempts,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    file = put(tmp_path, documents.word(TEXT))
    asked = readers.answer_of

    async def dies(work: str, about: object, chunks: AsyncIterable[bytes]) -> bytes:
        if work == SHEET:
            return b""
        return await asked(work, about, chunks)

    monkeypatch.setattr(readers, "answer_of", dies)
    found = await attempt(ProofFilesActivity(store, readers).look_into_proof, look(file))
    assert (found.files[file.sha256].verdict, found.lines) == ("clean", {})
