"""Each file is read in a process of its own, which can do nothing but read it."""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import textwrap
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from cpor.evidence import confinement
from cpor.evidence.reader import read
from tests.evidence import documents

ROOT = Path(__file__).parents[2]


async def pieces(content: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(content), 10_000):
        yield content[start : start + 10_000]


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
async def test_it_finds_there_what_it_finds_here(name: str, content: bytes) -> None:
    assert await confinement.read(pieces(content), name) == read(content, name)


async def test_a_reader_that_answered_ends_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed as it ends, it is asked twice how it ended, and asyncio says so on stderr."""
    said = json.dumps({"type": "txt"}).encode()
    ends_slowly = f"import os, time; os.write(1, {said}); os.close(1); time.sleep(0.3)"
    start = asyncio.create_subprocess_exec
    started: list[asyncio.subprocess.Process] = []

    async def start_slow(*_: str, **how: Any) -> asyncio.subprocess.Process:
        started.append(await start(sys.executable, "-c", ends_slowly, **how))
        return started[0]

    monkeypatch.setattr(asyncio, "create_subprocess_exec", start_slow)
    assert (await confinement.read(pieces(b"a text"), "a.txt")).type == "txt"
    assert started[0].returncode == 0


async def test_what_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    async def for_ever() -> AsyncIterator[bytes]:
        yield b"%PDF-"
        await asyncio.Event().wait()

    monkeypatch.setattr(confinement, "SECONDS", 0.2)
    found = await confinement.read(for_ever(), "sow.pdf")
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
        __main__.main()
    """).replace("{attempt}", attempt)
    done = subprocess.run(
        [sys.executable, "-c", script],
        input=json.dumps({"name": "a.txt", "media_type": None}).encode() + b"\nx",
        capture_output=True,
        cwd=ROOT,
        check=True,
    )
    return json.loads(done.stdout)["type"]


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
        asyncio.run(confinement.read(pieces(b""), "a.txt"))
    assert set(started[0]) == {"PYTHONPATH", "PYTHONUTF8", "LANG"}


async def test_a_long_text_comes_back_whole() -> None:
    content = "\n".join(f"line {number} of a long text" for number in range(60_000)).encode()
    assert await confinement.read(pieces(content), "long.txt") == read(content, "long.txt")
