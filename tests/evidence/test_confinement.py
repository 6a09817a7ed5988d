"""Each file is read in a process of its own, which can do nothing but read it."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path

import pytest

from cpor.evidence import confinement, scans
from cpor.evidence.confinement import Parent, Readers
from cpor.evidence.errors import NoReader
from cpor.evidence.reader import read
from cpor.evidence.reading import Reading
from tests.evidence import documents

ROOT = Path(__file__).parents[2]

on_linux = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="there is no /proc")


async def pieces(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 10_000):
        yield content[start : start + 10_000]


@pytest.fixture(scope="module")
async def readers() -> AsyncIterator[Readers]:
    async with Readers() as readers:
        yield readers


@pytest.fixture(autouse=True)
def without_ocr(monkeypatch: pytest.MonkeyPatch) -> None:
    """What recognises text is not there in the processes that this compares them with."""
    monkeypatch.setattr(scans, "is_installed", lambda: False)


async def begun(readers: Readers) -> asyncio.Task[Reading]:
    """The reading of a file that never ends, once its first bytes are asked for."""
    is_begun = asyncio.Event()

    async def for_ever() -> AsyncIterator[bytes]:
        yield b"%PDF-"
        is_begun.set()
        await asyncio.Event().wait()

    reading = asyncio.create_task(readers.read(for_ever, "sow.pdf"))
    await is_begun.wait()
    return reading


def parent_of(readers: Readers) -> int:
    assert readers.pid
    return readers.pid


def children_of(pid: int) -> list[int]:
    return [int(each) for each in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def is_running(pid: int) -> bool:
    return Path(f"/proc/{pid}").exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("sow.pdf", documents.pdf("Teams", image=True)),
        ("sow.docx", documents.word("Teams")),
        ("sow.xlsx", documents.excel({"Scope": [["Teams"]]})),
        ("sow.pptx", documents.slides("Teams")),
        ("ok.eml", documents.mail("We confirm.", {"sow.pdf": documents.pdf("Teams")})),
        ("ok.msg", documents.outlook("x", "y", {"a.pptx": documents.slides("Teams")})),
        ("scan.tiff", documents.picture("TIFF")),
        ("ok.txt", "bestätigt".encode("cp1252")),
    ],
)
async def test_it_finds_there_what_it_finds_here(
    readers: Readers, name: str, content: bytes
) -> None:
    assert await readers.read(partial(pieces, content), name) == read(content, name)


async def test_what_takes_too_long_is_ended(
    readers: Readers, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def for_ever() -> AsyncIterator[bytes]:
        yield b"%PDF-"
        await asyncio.Event().wait()

    monkeypatch.setattr(confinement, "LONGEST", 0.2)
    found = await readers.read(for_ever, "sow.pdf")
    assert found.findings[0].text == "could not be read: took longer than 0.2 s"


def tried(attempt: str) -> str:
    """What a file that takes over its reader comes to."""
    script = textwrap.dedent("""
        from cpor.evidence import __main__, reader
        from cpor.evidence.reading import Reading
        import os, socket

        def taken_over(*_):
            try:
                {attempt}
            except BaseException as error:
                return Reading(type=type(error).__name__)
            return Reading(type="done")

        reader.read = taken_over
        __main__.answer("txt", socket.socket(fileno=0))
    """).replace("{attempt}", attempt)
    ours, theirs = socket.socketpair()
    with ours, subprocess.Popen([sys.executable, "-c", script], stdin=theirs.fileno(), cwd=ROOT):
        theirs.close()
        ours.sendall(json.dumps({"name": "a.txt", "media_type": None}).encode() + b"\nx")
        ours.shutdown(socket.SHUT_WR)
        with ours.makefile("rb") as said:
            return json.loads(said.read()[confinement.PID.size :])["type"]


@pytest.mark.parametrize(
    "attempt",
    [
        "socket.socket()",
        "open('/etc/hostname')",
        pytest.param("os.fork()", marks=pytest.mark.skipif(os.getuid() == 0, reason="root may")),
        "os.pipe()",
        "bytearray(600 * 1024 * 1024)",
    ],
)
def test_a_file_that_takes_over_its_reader_reaches_nothing(attempt: str) -> None:
    assert tried(attempt) in ("OSError", "BlockingIOError", "MemoryError")


def test_it_is_not_told_any_secret_of_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLAIMS_LINK_SECRET", "s" * 40)
    started: list[dict[str, str]] = []

    async def start(*_: str, env: dict[str, str], **__: object) -> None:
        started.append(env)
        raise InterruptedError

    monkeypatch.setattr(asyncio, "create_subprocess_exec", start)
    with pytest.raises(InterruptedError):
        asyncio.run(Readers().read(partial(pieces, b""), "a.txt"))
    told = {"PYTHONPATH", "PYTHONUTF8", "LANG", "OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"}
    assert set(started[0]) == told


async def test_a_long_text_comes_back_whole(readers: Readers) -> None:
    content = "\n".join(f"line {number} of a long text" for number in range(60_000)).encode()
    assert await readers.read(partial(pieces, content), "long.txt") == read(content, "long.txt")


async def test_a_child_that_ends_without_a_word_says_nothing_of_the_next(
    readers: Readers,
) -> None:
    """More than it may keep in memory: it is ended, and its parent forks the next."""

    async def too_much() -> AsyncIterator[bytes]:
        for _ in range(600):
            yield b"x" * 1024 * 1024

    found = await readers.read(too_much, "a.txt")
    assert (found.verdict, [each.code for each in found.findings]) == ("suspicious", ["unreadable"])
    assert (await readers.read(partial(pieces, b"Teams"), "a.txt")).verdict == "clean"


async def test_a_parent_that_is_gone_blames_no_file_and_is_started_again() -> None:
    async with Readers() as readers:
        assert (await readers.read(partial(pieces, b"Teams"), "a.txt")).verdict == "clean"
        os.kill(parent_of(readers), signal.SIGKILL)
        with pytest.raises(NoReader):
            await readers.read(partial(pieces, b"Teams"), "a.txt")
        assert (await readers.read(partial(pieces, b"Teams"), "a.txt")).verdict == "clean"


async def test_a_parent_that_takes_long_to_start_blames_no_file(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """On a busy machine it imports for long. The same parent forks when it is asked again."""
    async with Readers() as readers:
        monkeypatch.setattr(confinement, "LONGEST_START", 0)
        with pytest.raises(NoReader, match="no child was forked in 0"):
            await readers.read(partial(pieces, b"Teams"), "a.txt")
        parent = parent_of(readers)
        monkeypatch.undo()
        monkeypatch.setattr(scans, "is_installed", lambda: False)
        assert (await readers.read(partial(pieces, b"Teams"), "a.txt")).verdict == "clean"
        assert parent_of(readers) == parent


@on_linux
async def test_nobody_is_left_when_the_readers_end() -> None:
    """Neither the parent nor a child that still waits for its file."""
    async with Readers() as readers:
        reading = await begun(readers)
        parent = parent_of(readers)
        pids = [parent, *children_of(parent)]
    assert len(pids) == 2
    assert not any(is_running(pid) for pid in pids)
    reading.cancel()
    await asyncio.wait([reading])


@on_linux
async def test_a_child_whose_reader_was_cancelled_is_ended_at_once() -> None:
    async with Readers() as readers:
        reading = await begun(readers)
        parent = parent_of(readers)
        assert len(children_of(parent)) == 1
        reading.cancel()
        await asyncio.wait([reading])
        async with asyncio.timeout(120):
            while children_of(parent):
                await asyncio.sleep(0.02)
        assert is_running(parent)


async def test_a_parent_that_ends_while_it_is_killed_is_not_lost(
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Where all are killed at once, asyncio says of one in sixty that it lost it."""
    loop = asyncio.get_running_loop()
    for _ in range(50):
        ours, theirs = socket.socketpair()
        with theirs:
            ours.setblocking(False)
            end = theirs.fileno()
            process = await asyncio.create_subprocess_exec("cat", stdin=end, stdout=end)
        ours.shutdown(socket.SHUT_WR)
        assert await loop.sock_recv(ours, 1) == b""
        await Parent(process, ours).kill()
        assert process.returncode == 0
    assert caplog.messages == []
