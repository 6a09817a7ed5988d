from __future__ import annotations

import asyncio
import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from temporalio.exceptions import ApplicationError

from activities.evidence import EvidenceActivity
from cpor.rules.effects.evidence import FileToSeal, Seal
from cpor.rules.facts import MOST_FILE_BYTES, FileReference
from cpor.store import (
    FileChanged,
    FileMissing,
    FileRefused,
    Store,
    StoreForbidden,
    StoreFull,
    StoreUnreachable,
    StoreUnusable,
)
from tests.activities.conftest import Attempts
from tests.activities.facts import CLAIM

PROOF = b"statement of work\n" * 200_000


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "store"


@pytest.fixture
def store(folder: Path) -> Store:
    return Store.open(str(folder))


@pytest.fixture
def proof(tmp_path: Path) -> Path:
    file = tmp_path / "sow.pdf"
    file.write_bytes(PROOF)
    return file


@pytest.fixture
def tiny_disk(tmp_path: Path) -> Iterator[Path]:
    """A real disk of 512 KiB, where the system lets us have one."""
    disk = tmp_path / "tiny"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=512k", "tmpfs", str(disk)]
    if sys.platform != "linux" or os.geteuid() != 0 or subprocess.run(mount).returncode != 0:
        pytest.skip("a small disk can only be mounted by root on Linux")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def files(folder: Path) -> list[str]:
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*") if file.is_file())


def seal(*files: FileReference) -> Seal:
    return Seal(
        claim_id=CLAIM, files=[FileToSeal(sha256=file.sha256, size=file.size) for file in files]
    )


async def sealed(attempt: Attempts, store: Store, *files: FileReference) -> list[str]:
    result = await attempt(EvidenceActivity(store).seal_evidence, seal(*files))
    return [result.states[file.sha256] for file in files]


async def content(store: Store, file: FileReference) -> bytes:
    return b"".join([piece async for piece in store.read(CLAIM, file.sha256)])


async def test_an_uploaded_file_is_named_by_hash_type_and_size(
    store: Store, folder: Path, proof: Path
) -> None:
    file = await store.upload(CLAIM, proof)
    assert file.sha256 == hashlib.sha256(PROOF).hexdigest()
    assert (file.name, file.media_type, file.size) == ("sow.pdf", "application/pdf", len(PROOF))
    assert (folder / "incoming" / CLAIM / file.sha256).read_bytes() == PROOF


async def test_a_store_in_a_folder_is_for_its_user_alone(store: Store, folder: Path) -> None:
    assert folder.stat().st_mode & 0o777 == 0o700


async def test_a_file_that_is_what_it_is_said_to_be_is_sealed(
    store: Store, folder: Path, proof: Path, attempt: Attempts
) -> None:
    file = await store.upload(CLAIM, proof)
    assert await sealed(attempt, store, file) == ["sealed"]
    assert (folder / "evidence" / CLAIM / file.sha256).read_bytes() == PROOF
    assert await sealed(attempt, store, file) == ["sealed"]


async def test_nothing_is_left_of_an_upload_that_is_sealed(
    store: Store, folder: Path, proof: Path, tmp_path: Path, attempt: Attempts
) -> None:
    file = await store.upload(CLAIM, proof)
    not_yet_named = tmp_path / "later.txt"
    not_yet_named.write_text("later")
    later = await store.upload(CLAIM, not_yet_named)
    await sealed(attempt, store, file)
    assert names(folder / "incoming" / CLAIM) == [later.sha256]
    await store.upload(CLAIM, proof)
    assert await sealed(attempt, store, file) == ["sealed"]
    assert names(folder / "incoming" / CLAIM) == [later.sha256]
    assert await content(store, file) == PROOF


async def test_a_sealed_file_does_not_follow_what_is_uploaded_afterwards(
    store: Store, folder: Path, proof: Path, attempt: Attempts
) -> None:
    file = await store.upload(CLAIM, proof)
    with (folder / "incoming" / CLAIM / file.sha256).open("r+b") as still_open:
        await sealed(attempt, store, file)
        still_open.write(b"FORGED")
    (folder / "incoming" / CLAIM / file.sha256).write_bytes(b"FORGED")
    assert await sealed(attempt, store, file) == ["sealed"]
    assert await content(store, file) == PROOF


async def test_who_knows_hash_and_size_of_anothers_proof_gets_none_of_it(
    store: Store, folder: Path, proof: Path, tmp_path: Path, attempt: Attempts
) -> None:
    file = await store.upload(CLAIM, proof)
    thief = seal(file).model_copy(update={"claim_id": "CPOR-THIEF"})
    for _ in ("only uploaded", "sealed"):
        result = await attempt(EvidenceActivity(store).seal_evidence, thief)
        assert result.states == {file.sha256: "missing"}
        with pytest.raises(FileMissing):
            await store.save("CPOR-THIEF", file.sha256, tmp_path / "loot.pdf")
        with pytest.raises(FileMissing):
            await store.copy("CPOR-THIEF", file.sha256, "CPOR-THIEF2")
        await sealed(attempt, store, file)
    assert files(folder / "evidence") == [f"{CLAIM}/{file.sha256}"]


async def test_two_claims_may_have_the_same_file_each_its_own(
    store: Store, folder: Path, proof: Path, attempt: Attempts
) -> None:
    file = await store.upload(CLAIM, proof)
    await store.upload("CPOR-OTHER", proof)
    other = seal(file).model_copy(update={"claim_id": "CPOR-OTHER"})
    result = await attempt(EvidenceActivity(store).seal_evidence, other)
    assert result.states == {file.sha256: "sealed"}
    assert (folder / "incoming" / CLAIM / file.sha256).exists()
    assert await sealed(attempt, store, file) == ["sealed"]
    wanted = [f"{CLAIM}/{file.sha256}", f"CPOR-OTHER/{file.sha256}"]
    assert files(folder / "evidence") == wanted


@pytest.mark.parametrize("trick", ["pipe", "link to a file", "link to a folder", "folder"])
async def test_only_a_regular_file_in_the_claims_own_folder_is_an_upload(
    store: Store, folder: Path, proof: Path, attempt: Attempts, trick: str
) -> None:
    file = await store.upload("CPOR-OTHER", proof)
    others = folder / "incoming" / "CPOR-OTHER"
    place = folder / "incoming" / CLAIM / file.sha256
    match trick:
        case "link to a folder":
            place.parent.symlink_to(others)
        case "pipe":
            place.parent.mkdir()
            os.mkfifo(place)  # opening it would wait for somebody who writes
        case "folder":
            place.mkdir(parents=True)
        case _:
            place.parent.mkdir()
            place.symlink_to(others / file.sha256)
    async with asyncio.timeout(60):
        assert await sealed(attempt, store, file) == ["missing"]
        with pytest.raises(FileMissing):
            await content(store, file)


async def test_missing_and_changed_files_are_answers_and_not_errors(
    store: Store, folder: Path, proof: Path, tmp_path: Path, attempt: Attempts
) -> None:
    good = await store.upload(CLAIM, proof)
    other = tmp_path / "other.txt"
    other.write_text("other")
    changed = await store.upload(CLAIM, other)
    (folder / "incoming" / CLAIM / changed.sha256).write_text("0ther")
    missing = good.model_copy(update={"sha256": "0" * 64})
    assert await sealed(attempt, store, good, changed, missing) == ["sealed", "changed", "missing"]
    assert names(folder / "evidence" / CLAIM) == [good.sha256]


async def test_a_file_of_another_size_is_changed(
    store: Store, proof: Path, attempt: Attempts
) -> None:
    file = await store.upload(CLAIM, proof)
    longer = file.model_copy(update={"size": file.size + 1})
    assert await sealed(attempt, store, longer) == ["changed"]


async def test_a_damaged_seal_is_mended_from_another_upload(
    store: Store, folder: Path, proof: Path, attempt: Attempts
) -> None:
    file = await store.upload(CLAIM, proof)
    await sealed(attempt, store, file)
    (folder / "evidence" / CLAIM / file.sha256).write_bytes(b"rot")
    assert await sealed(attempt, store, file) == ["changed"]
    await store.upload(CLAIM, proof)
    assert await sealed(attempt, store, file) == ["sealed"]
    assert await content(store, file) == PROOF


async def test_reading_verifies_and_finds_unsealed_files_too(
    store: Store, folder: Path, proof: Path
) -> None:
    file = await store.upload(CLAIM, proof)
    assert await content(store, file) == PROOF
    (folder / "incoming" / CLAIM / file.sha256).write_bytes(PROOF[:-1] + b"!")
    with pytest.raises(FileChanged):
        await content(store, file)
    with pytest.raises(FileMissing, match=CLAIM):
        await content(store, file.model_copy(update={"sha256": "0" * 64}))


async def test_a_file_is_saved_whole_or_not_at_all(
    store: Store, folder: Path, proof: Path, tmp_path: Path
) -> None:
    file = await store.upload(CLAIM, proof)
    target = tmp_path / "out" / "sow.pdf"
    target.parent.mkdir()
    await store.save(CLAIM, file.sha256, target)
    assert target.read_bytes() == PROOF
    with pytest.raises(FileRefused, match="is there already and is not overwritten"):
        await store.save(CLAIM, file.sha256, target)
    (folder / "incoming" / CLAIM / file.sha256).write_bytes(b"changed")
    target.unlink()
    with pytest.raises(FileChanged):
        await store.save(CLAIM, file.sha256, target)
    assert names(target.parent) == []


@pytest.mark.parametrize(
    ("name", "size", "text"),
    [
        ("sow.exe", 3, "its name must be a file name that ends in one of pdf"),
        ("empty.pdf", 0, "its size must be from 1 to"),
        ("large.pdf", MOST_FILE_BYTES + 1, "its size must be from 1 to"),
    ],
)
async def test_what_cannot_be_proof_is_refused_before_it_is_sent(
    store: Store, folder: Path, tmp_path: Path, name: str, size: int, text: str
) -> None:
    file = tmp_path / name
    with file.open("wb") as raw:
        raw.truncate(size)
    with pytest.raises(FileRefused, match=text):
        await store.upload(CLAIM, file)
    assert names(folder) == []


@pytest.mark.parametrize("name", ["a\0b.txt", "\ud800.txt"])
async def test_a_name_that_no_file_can_have_is_refused(store: Store, name: str) -> None:
    with pytest.raises(FileRefused, match="cannot be read") as refused:
        await store.upload(CLAIM, Path(name))
    assert str(refused.value).isprintable()


async def test_what_is_no_regular_file_is_refused_without_being_read(
    store: Store, tmp_path: Path
) -> None:
    pipe = tmp_path / "pipe.pdf"
    os.mkfifo(pipe)  # opening it would wait for somebody who writes
    with pytest.raises(FileRefused, match="it is no regular file"):
        await store.upload(CLAIM, pipe)


async def test_a_file_is_copied_to_nothing_but_a_claim(
    store: Store, folder: Path, proof: Path
) -> None:
    file = await store.upload(CLAIM, proof)
    for to in ("x", "../x"):
        with pytest.raises(FileRefused, match="is no claim id"):
            await store.copy(CLAIM, file.sha256, to)
    assert names(folder) == ["incoming"]
    assert names(folder / "incoming") == [CLAIM]


async def test_a_file_that_is_not_there_is_refused(store: Store, tmp_path: Path) -> None:
    with pytest.raises(FileRefused, match=r"no\.pdf cannot be read: No such file"):
        await store.upload(CLAIM, tmp_path / "no.pdf")


async def test_a_file_is_never_in_memory_as_a_whole(tmp_path: Path) -> None:
    script = """
import resource, sys
from pathlib import Path
from cpor import exits
from cpor.store import Store

async def main(folder):
    store, proof = Store.open(str(folder / "store")), folder / "large.pdf"
    small = folder / "small.pdf"
    small.write_bytes(b"warm")
    await store.upload("CPOR-WARM", small)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    proof.write_bytes(b"x")
    with proof.open("r+b") as raw:
        raw.truncate(25 * 1024 * 1024)
    file = await store.upload("CPOR-LARGE", proof)
    assert await store.seal("CPOR-LARGE", file.sha256, file.size) == "sealed"
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    print(grown // (1024 * 1024 if sys.platform == "darwin" else 1024))
    return exits.DONE

exits.run(main(Path(sys.argv[1])))
"""
    done = subprocess.run(  # nothing else runs meanwhile; a script of ours
        [sys.executable, "-c", script, str(tmp_path)], capture_output=True, text=True, check=True
    )
    assert int(done.stdout) < 24


async def test_a_full_disk_is_an_error_that_is_tried_again(
    tiny_disk: Path, proof: Path, attempt: Attempts
) -> None:
    store = Store.open(str(tiny_disk / "store"))
    with pytest.raises(StoreFull, match="is full"):
        await store.upload(CLAIM, proof)
    small = proof.with_name("small.pdf")
    small.write_bytes(PROOF[: 400 * 1024])
    file = await store.upload(CLAIM, small)
    with pytest.raises(ApplicationError, match="is full") as raised:
        await attempt(EvidenceActivity(store).seal_evidence, seal(file))
    assert raised.value.type == "StoreFull"
    assert not raised.value.non_retryable
    assert not files(tiny_disk / "store" / "evidence")


async def test_a_store_that_does_not_answer_is_an_error_that_is_tried_again(
    folder: Path, attempt: Attempts
) -> None:
    store = Store.open(str(folder))
    await asyncio.to_thread(lambda: (folder.rmdir(), folder.write_text("no folder any more")))
    file = FileReference(sha256="0" * 64, name="a.pdf", media_type="application/pdf", size=1)
    with pytest.raises(ApplicationError, match="does not answer: Not a directory") as raised:
        await attempt(EvidenceActivity(store).seal_evidence, seal(file))
    assert raised.value.type == "StoreUnreachable"
    with pytest.raises(StoreUnreachable):
        await store.write("a", b"a")


async def test_a_bucket_that_is_not_there_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in {
        "AWS_ENDPOINT": "http://127.0.0.1:9",
        "AWS_ALLOW_HTTP": "true",
        "AWS_REGION": "eu-north-1",
        "AWS_ACCESS_KEY_ID": "someone",
        "AWS_SECRET_ACCESS_KEY": "hush",
    }.items():
        monkeypatch.setenv(name, value)
    store = Store.open("s3://claims/here")
    with pytest.raises(StoreUnreachable) as raised:
        await store.read_record(CLAIM)
    assert len(str(raised.value).splitlines()) == 1
    assert "hush" not in str(raised.value)


@pytest.mark.parametrize("url", ["nope://x", "s3://", "az://x"])
def test_a_store_that_cannot_be_is_one_sentence(url: str) -> None:
    with pytest.raises(StoreUnusable, match=f"The store {url} cannot be opened") as raised:
        Store.open(url)
    assert len(str(raised.value).splitlines()) == 1


def test_a_folder_that_may_not_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StoreUnusable, match="Not a directory"):
        Store.open(str(tmp_path / "file" / "store"))


async def test_a_fake_denial_is_named_as_one(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    async def denied(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("cpor.store.obstore.put_async", denied)
    with pytest.raises(StoreForbidden, match="does not permit this: Permission denied"):
        await store.write("a", b"a")


@pytest.mark.parametrize("url", ["memory://", "file://{}"])
async def test_stores_by_url_do_the_same(
    url: str, tmp_path: Path, proof: Path, attempt: Attempts
) -> None:
    store = Store.open(url.format(tmp_path / "by-url"))
    file = await store.upload(CLAIM, proof)
    assert await sealed(attempt, store, file) == ["sealed"]
    assert await content(store, file) == PROOF
