"""`evidence --save`: what lies in a folder of the reviewer's is never at the mercy of a partner."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from cpor.cli import saved_proof
from cpor.exits import BROKEN, DONE, REFUSED
from cpor.rules.facts import EvidenceFile
from cpor.store import Store
from tests.evidence import documents

CLAIM = "CPOR-7Q2M4X"


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(str(tmp_path / "store"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "proof").mkdir()
    return tmp_path / "proof"


def put(store_of: Path, content: bytes, name: str) -> EvidenceFile:
    sha256 = hashlib.sha256(content).hexdigest()
    place = store_of / "evidence" / CLAIM / sha256
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)
    kind = "text/plain"
    return EvidenceFile(sha256=sha256, name=name, media_type=kind, size=len(content))


async def test_files_of_one_name_stand_side_by_side(
    store: Store, folder: Path, tmp_path: Path
) -> None:
    files = [put(tmp_path / "store", each, "sow.txt") for each in (b"one", b"two")]
    assert await saved_proof.save_all(store, CLAIM, files, folder) == DONE
    assert {file.name for file in folder.iterdir()} == {f"{f.sha256}-sow.txt" for f in files}
    assert await saved_proof.save_all(store, CLAIM, files, folder) == DONE, "saved again"


async def test_what_is_there_already_is_not_downloaded_again(
    store: Store,
    folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    read, save = list[str](), store.save

    async def counted(claim_id: str, sha256: str, to: Path) -> None:
        read.append(sha256)
        await save(claim_id, sha256, to)

    monkeypatch.setattr(store, "save", counted)
    file = put(tmp_path / "store", b"one", "sow.txt")
    assert await saved_proof.save_all(store, CLAIM, [file], folder) == DONE
    assert await saved_proof.save_all(store, CLAIM, [file], folder) == DONE
    assert read == [file.sha256]
    said = capsys.readouterr().err.splitlines()
    assert [line.partition(": ")[2] for line in said] == [
        "fetched, and its hash is right",
        "was there already, and its hash is right",
    ]


async def test_what_is_there_is_not_overwritten_and_the_rest_is_saved(
    store: Store, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = EvidenceFile(sha256="0" * 64, name="gone.pdf", media_type="text/plain", size=1)
    mine, good = (put(tmp_path / "store", each, "sow.txt") for each in (b"mine", b"good"))
    linked = put(tmp_path / "store", b"linked", "sow.txt")
    (folder / saved_proof.name_of(mine)).write_text("my notes")
    (tmp_path / "mine.txt").write_text("mine too")
    (folder / saved_proof.name_of(linked)).symlink_to(tmp_path / "mine.txt")
    files = [gone, mine, linked, good]
    assert await saved_proof.save_all(store, CLAIM, files, folder) == BROKEN
    assert (folder / saved_proof.name_of(mine)).read_text() == "my notes"
    assert (tmp_path / "mine.txt").read_text() == "mine too"
    assert (folder / saved_proof.name_of(good)).read_bytes() == b"good"
    said = capsys.readouterr().err.splitlines()
    assert [" not fetched: " in line for line in said] == [True, True, True, False]


@pytest.mark.parametrize("stem", ["a" * 251, "й" * 251, "字" * 251, "a"])
async def test_a_name_too_long_for_a_file_is_cut(
    store: Store, folder: Path, tmp_path: Path, stem: str
) -> None:
    file = put(tmp_path / "store", b"long", f"{stem}.txt")
    assert await saved_proof.save_all(store, CLAIM, [file], folder) == DONE
    (saved,) = folder.iterdir()
    assert saved.name.startswith(f"{file.sha256}-{stem[:60]}")
    assert saved.suffix == ".txt"


async def test_what_may_do_harm_is_fetched_only_when_the_reviewer_insists(
    store: Store, folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    acts = documents.pdf("x", catalog="/OpenAction << /S /Launch /F (cmd.exe) >>")
    files = [put(tmp_path / "store", acts, "sow.pdf")]
    assert await saved_proof.save_all(store, CLAIM, files, folder) == REFUSED
    assert list(folder.iterdir()) == []
    assert "it starts a program; --anyway fetches it" in capsys.readouterr().err
    assert await saved_proof.save_all(store, CLAIM, files, folder, anyway=True) == DONE
    assert len(list(folder.iterdir())) == 1


async def test_a_file_that_the_store_does_not_give_is_not_called_harmful(
    store: Store, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    gone = EvidenceFile(sha256="0" * 64, name="gone.pdf", media_type="text/plain", size=1)
    assert await saved_proof.save_all(store, CLAIM, [gone], folder) == BROKEN
    said = capsys.readouterr().err
    assert "not fetched: No file 000" in said
    assert "--anyway" not in said
