"""A virus scanner looks through proof files; where it does not answer, the look is tried again."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.exceptions import ApplicationError

from activities import virus_scanner
from activities.proof_files import ProofFilesActivity
from activities.virus_scanner import VirusScanner
from cpor.engine.ports import free_ports
from cpor.evidence import kept
from cpor.evidence.confinement import Readers
from cpor.evidence.reading import Finding
from cpor.rules.effects.look import FileFound
from cpor.store import Store
from tests.activities.conftest import Attempts
from tests.activities.proof import look, put
from tests.activities.servers import RawServer
from tests.evidence import documents

VIRUS = b"this is what the scanner of these tests calls a virus"
NAME = "Claims.Test"
CLAMD = shutil.which("clamd")
KILOBYTES = 100

real = pytest.mark.skipif(CLAMD is None, reason="clamd, a part of ClamAV, is not on the PATH")


async def pieces(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 7_000):
        yield content[start : start + 7_000]


@pytest.fixture(scope="module")
async def clamd(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Path]:
    """The folder of a real one, which knows one virus."""
    folder = tmp_path_factory.mktemp("clamd")
    port = free_ports(1)[0]
    (folder / "signatures").mkdir()
    (folder / "signatures/own.ndb").write_text(f"{NAME}:0:*:{VIRUS.hex()}\n")
    (folder / "port").write_text(str(port))
    settings = {
        "DatabaseDirectory": folder / "signatures",
        "LocalSocket": folder / "clamd.sock",
        "TCPSocket": port,
        "TCPAddr": "127.0.0.1",
        "StreamMaxLength": f"{KILOBYTES}K",
        "Foreground": "yes",
    }
    written = folder / "clamd.conf"
    written.write_text("".join(f"{name} {value}\n" for name, value in settings.items()))
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([CLAMD or "", "--config-file", written], stdout=log, stderr=log)
    try:
        async with asyncio.timeout(30):
            while not (folder / "clamd.sock").is_socket():
                assert process.poll() is None, (folder / "log").read_text()
                await asyncio.sleep(0.05)
        yield folder
    finally:
        process.terminate()
        process.wait()


def scanner_of(folder: Path, by: str = "socket") -> VirusScanner:
    port = (folder / "port").read_text()
    return VirusScanner(str(folder / "clamd.sock") if by == "socket" else f"127.0.0.1:{port}")


@real
@pytest.mark.parametrize("by", ["socket", "port"])
async def test_clamd_finds_what_it_knows_and_nothing_else(clamd: Path, by: str) -> None:
    scanner = scanner_of(clamd, by)
    assert (await scanner.version()).startswith("ClamAV ")
    for clean in (b"", b"a proof", documents.word("Teams")):
        assert await scanner.look_through(pieces(clean)) is None
    found = await scanner.look_through(pieces(b"x" * 10_000 + VIRUS + b"x"))
    assert found == Finding(
        code="virus", text=f"has a virus in it: a scanner found {NAME}.UNOFFICIAL"
    )
    packed = documents.with_part(documents.word("Teams"), "word/media/a.bin", VIRUS)
    assert (found := await scanner.look_through(pieces(packed)))
    assert found.code == "virus"


@real
@pytest.mark.parametrize("by", ["socket", "port"])
async def test_a_file_that_is_too_large_for_clamd_is_one_to_be_careful_with(
    clamd: Path, by: str
) -> None:
    for too_much in (KILOBYTES * 1024 + 1, 25 * 1024 * 1024):
        found = await scanner_of(clamd, by).look_through(pieces(b"x" * too_much))
        assert found
        assert (found.code, "StreamMaxLength" in found.text) == ("unscanned", True)


@real
async def test_a_file_with_a_virus_is_refused_and_not_read(
    clamd: Path, readers: Readers, tmp_path: Path, attempt: Attempts
) -> None:
    store = Store.open(str(tmp_path / "store"))
    file = put(tmp_path, documents.with_part(documents.word("Teams"), "word/media/a.bin", VIRUS))
    found = await attempt(
        ProofFilesActivity(store, readers, scanner_of(clamd)).look_into_proof, look(file)
    )
    assert found.files[file.sha256] == FileFound(verdict="refused", findings=["virus"])
    assert found.lines["product"].found == 0


@real
async def test_what_was_read_before_there_was_a_scanner_is_scanned_too_and_only_once(
    clamd: Path,
    readers: Readers,
    tmp_path: Path,
    attempt: Attempts,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store, scans = Store.open(str(tmp_path / "store")), list[VirusScanner]()
    file = put(tmp_path, documents.word("Teams"))
    await attempt(ProofFilesActivity(store, readers).look_into_proof, look(file))
    scan = VirusScanner.look_through

    async def counted(scanner: VirusScanner, of: AsyncIterator[bytes]) -> Finding | None:
        scans.append(scanner)
        return await scan(scanner, of)

    monkeypatch.setattr(VirusScanner, "look_through", counted)
    looking = ProofFilesActivity(store, readers, scanner_of(clamd)).look_into_proof
    for _ in range(2):
        assert (await attempt(looking, look(file))).files[file.sha256].verdict == "clean"
    assert len(scans) == 1


async def told_by_a_fake(answer: bytes) -> Finding | None:
    """It takes all it is given, gives this answer and hangs up."""

    async def heard(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.readexactly(10) == b"zINSTREAM\0"
        while size := int.from_bytes(await reader.readexactly(4), "big"):
            await reader.readexactly(size)
        writer.write(answer)
        writer.close()

    async with RawServer(heard) as fake:
        scanner = VirusScanner(f"127.0.0.1:{fake.port}")
        return await scanner.look_through(pieces(b"x" * 20_000))


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"stream: OK\0", None),
        (b"stream: Win.Test.EICAR_HDB-1 FOUND\0", "virus"),
        (b"stream: Time limit reached ERROR\0", "unscanned"),
        (b"INSTREAM size limit exceeded. ERROR\0", "unscanned"),
    ],
)
async def test_a_fake_that_speaks_clamds_protocol_is_understood(
    answer: bytes, code: str | None
) -> None:
    found = await told_by_a_fake(answer)
    assert (found.code if found else None) == code


@pytest.mark.parametrize(
    "answer", [b"", b"stream: OK", b"COMMAND READ TIMED OUT\0", b"OK\0", b"stream: FOUND\0", b"\0"]
)
async def test_any_other_answer_of_a_fake_is_no_pass_and_is_asked_for_again(answer: bytes) -> None:
    with pytest.raises(ApplicationError) as caught:
        await told_by_a_fake(answer)
    assert (caught.value.type, caught.value.non_retryable) == ("VirusScannerAway", False)


async def test_a_scanner_that_is_away_is_asked_again_and_nothing_is_kept(
    readers: Readers, tmp_path: Path, attempt: Attempts
) -> None:
    store = Store.open(str(tmp_path / "store"))
    file = put(tmp_path, documents.word("Teams"))
    scanner = VirusScanner(f"127.0.0.1:{free_ports(1)[0]}")
    with pytest.raises(ApplicationError) as caught:
        await attempt(ProofFilesActivity(store, readers, scanner).look_into_proof, look(file))
    assert caught.value.message == ("The virus scanner cannot be reached (Connection refused).")
    assert not caught.value.non_retryable
    assert not await kept.line_of(store, look(file).claim_id, file.sha256)


async def test_a_fake_that_never_answers_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(virus_scanner, "SECONDS", 0.3)

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with RawServer(silent) as fake:
        with pytest.raises(ApplicationError, match="has not answered within"):
            await VirusScanner(f"127.0.0.1:{fake.port}").look_through(pieces(b"x"))


async def test_a_socket_that_is_not_there_says_so_without_its_address(tmp_path: Path) -> None:
    with pytest.raises(ApplicationError) as caught:
        await VirusScanner(str(tmp_path / "nobody")).version()
    assert str(tmp_path) not in caught.value.message
    assert os.strerror(2) in caught.value.message
