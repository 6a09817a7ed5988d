"""What looking into proof costs a worker, and what it can't take from it.

    uv run python -m bench.looks

On Linux. CPU is counted by the kernel, in hundredths of a second; waits are by the clock, so on a
busy machine they are longer than they have to be.
"""

from __future__ import annotations

import asyncio
import io
import os
import resource
import subprocess
import sys
import time
import zipfile
from collections.abc import AsyncIterator, Mapping
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

import docx
from temporalio.testing import ActivityEnvironment

from activities.evidence import EvidenceActivity
from activities.proof_files import ProofFilesActivity
from cpor.evidence.confinement import AT_ONCE, Readers
from cpor.evidence.kept import KeptReading
from cpor.evidence.reading import Reading
from cpor.evidence.tally import SAMPLE, SAMPLE_TEXT, tally
from cpor.rules.effects.evidence import FileToSeal, Seal
from cpor.rules.effects.look import FileToRead, Look
from cpor.rules.facts import MOST_FILE_BYTES
from cpor.rules.proof_files import MEDIA_TYPES
from cpor.store import Store

CLAIM = "CPOR-7Q2M4X"
TIMES = 20
MOST_MEMORY = 64
"""MiB more in the worker, for a file of the largest size."""
LONGEST_WAIT = 1.0


async def pieces(content: bytes) -> AsyncIterator[bytes]:
    yield content


def word(padding: int = 0) -> bytes:
    """A small document, with so many bytes that don't get smaller in it."""
    document, out = docx.Document(), io.BytesIO()
    document.add_paragraph(SAMPLE_TEXT)
    document.save(out)
    with zipfile.ZipFile(out, "a") as package:
        package.writestr("word/media/noise.bin", os.urandom(padding))
    return out.getvalue()


async def costs() -> Mapping[str, float]:
    """Seconds of CPU: what is forked, and for comparison Python with the same imports."""
    found: dict[str, float] = {}
    async with Readers() as readers:
        content = word()
        reading = await readers.read(partial(pieces, content), "a.docx")
        line = _line(reading)
        await tally(readers, SAMPLE, pieces(line))
        assert readers.pid
        before = _cpu_of(readers.pid)
        for _ in range(TIMES):
            await readers.read(partial(pieces, content), "a.docx")
        between = _cpu_of(readers.pid)
        for _ in range(TIMES):
            await tally(readers, SAMPLE, pieces(line))
        found["a Word file"] = (between - before) / TIMES
        found["the sheet"] = (_cpu_of(readers.pid) - between) / TIMES
    for what, module in (
        ("reader", "cpor.evidence.readers.office"),
        ("sheet", "cpor.evidence.tally"),
    ):
        found[f"Python, started for the {what} alone"] = _cpu_of_start(module)
    return found


def _line(reading: Reading) -> bytes:
    kept = KeptReading(name="a.docx", media_type=MEDIA_TYPES["docx"], reading=reading)
    return kept.model_dump_json().encode()


def _cpu_of(pid: int) -> float:
    """Of a process and of those that it has buried."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def _cpu_of_start(module: str) -> float:
    def used() -> float:
        children = resource.getrusage(resource.RUSAGE_CHILDREN)
        return children.ru_utime + children.ru_stime

    before = used()
    for _ in range(3):
        subprocess.run([sys.executable, "-c", f"import {module}"], check=True)
    return (used() - before) / 3


class Worker:
    """The activities that deal with proof, as a worker has them."""

    def __init__(self, folder: Path, readers: Readers) -> None:
        self.folder = folder
        self.store = Store.open(str(folder / "store"))
        self.looking = ProofFilesActivity(self.store, readers)

    async def upload(self, content: bytes, name: str) -> FileToRead:
        file = self.folder / name
        file.write_bytes(content)
        named = await self.store.upload(CLAIM, file)
        return FileToRead(sha256=named.sha256, name=name, media_type=named.media_type)

    async def seal(self, file: FileToRead, size: int) -> None:
        seal = Seal(claim_id=CLAIM, files=[FileToSeal(sha256=file.sha256, size=size)])
        await ActivityEnvironment().run(EvidenceActivity(self.store).seal_evidence, seal)

    async def look(self, *files: FileToRead) -> list[str]:
        look = Look(claim_id=CLAIM, files=list(files), claimed=SAMPLE)
        found = await ActivityEnvironment().run(self.looking.look_into_proof, look)
        return [each.verdict for each in found.files.values()]


async def memory(worker: Worker) -> float:
    """MiB that the worker's process grows by at most, for a file of the largest size."""
    small = await worker.upload(word(), "small.docx")
    await worker.seal(small, len(word()))
    await worker.look(small)
    content = word(MOST_FILE_BYTES - 100_000)
    size, file = len(content), worker.folder / "large.docx"
    file.write_bytes(content)
    del content
    Path("/proc/self/clear_refs").write_text("5")
    before = _status("VmRSS")
    named = await worker.store.upload(CLAIM, file)
    large = FileToRead(sha256=named.sha256, name="large.docx", media_type=named.media_type)
    await worker.seal(large, size)
    assert await worker.look(large) == ["clean"]
    return (_status("VmHWM") - before) / 1024


def _status(field: str) -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{field}:"))


def hostile() -> Mapping[str, bytes]:
    """Each keeps its reader busy as long as it can."""
    many = io.BytesIO()
    with zipfile.ZipFile(many, "w", zipfile.ZIP_DEFLATED) as package:
        package.writestr("[Content_Types].xml", "<Types/>")
        for number in range(4_900):
            package.writestr(f"word/{number}.xml", "<a>" * 2_000)
    deep = (
        b"%PDF-1.7\n1 0 obj\n"
        + b"[" * 500_000
        + b"]" * 500_000
        + b"\nendobj\ntrailer << /Root 1 0 R >>"
    )
    return {
        "dates.txt": b"1/2/3 " * (MOST_FILE_BYTES // 6),
        "names.txt": b"Microsoft Teems " * (MOST_FILE_BYTES // 16),
        "parts.docx": many.getvalue(),
        "deep.pdf": deep,
    }


async def longest_wait(worker: Worker) -> tuple[float, int]:
    """Seconds that another activity took, at most, while hostile files were looked into."""
    calm = await worker.upload(b"a small proof", "calm.txt")
    looks = [
        asyncio.create_task(worker.look(await worker.upload(content, name)))
        for name, content in hostile().items()
    ]
    waits: list[float] = []
    while not all(each.done() for each in looks):
        began = time.monotonic()
        await worker.seal(calm, 13)
        waits.append(time.monotonic() - began)
        await asyncio.sleep(0.02)
    for each in looks:
        await each
    return max(waits), len(waits)


async def run() -> int:
    say = sys.stdout.write
    for what, seconds in (await costs()).items():
        say(f"{what}: {seconds:.3f} s of CPU\n")
    with TemporaryDirectory() as folder:
        async with Readers() as readers:
            worker = Worker(Path(folder), readers)
            more = await memory(worker)
            say(f"a file of 25 MiB: {more:.0f} MiB more memory, {MOST_MEMORY} allowed\n")
            wait, times = await longest_wait(worker)
            say(
                f"{times} times another activity, beside {len(hostile())} hostile files, "
                f"{AT_ONCE} at a time: {wait:.2f} s at most, {LONGEST_WAIT:.0f} allowed\n"
            )
    return int(more > MOST_MEMORY or wait > LONGEST_WAIT)


if __name__ == "__main__":
    sys.exit(asyncio.run(run()))
