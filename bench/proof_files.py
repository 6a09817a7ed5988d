"""Looks into all files of a folder, as a worker would, and counts what came of it.

    uv run python -m bench.proof_files FOLDER

Meant for files that nobody here has written: those that document libraries are tested with. Their
packages are fetched by hand; none of these files is kept in this project.
"""

from __future__ import annotations

import asyncio
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from cpor.evidence.confinement import Readers, a_few_at_a_time
from cpor.evidence.reading import Reading
from cpor.evidence.types import ending_of
from cpor.rules.facts import MOST_FILE_BYTES
from cpor.rules.proof_files import FILE_TYPES
from cpor.store.local_files import pieces_of

SLOW = 10.0


@dataclass(frozen=True)
class Looked:
    file: Path
    reading: Reading
    seconds: float

    @property
    def unread(self) -> str:
        """Why it could not be read, if so."""
        found = (each.text for each in self.reading.findings if each.code == "unreadable")
        return next(found, "")

    @property
    def was_ended(self) -> bool:
        """Its reader died or was killed: no reader may, whatever is in the file."""
        return "ended without" in self.unread or "took longer" in self.unread


async def look(folder: Path) -> Sequence[Looked]:
    async def one(file: Path) -> Looked:
        start = time.monotonic()
        reading = await readers.read(partial(pieces_of, file), file.name)
        return Looked(file, reading, time.monotonic() - start)

    files = (
        file
        for file in sorted(folder.rglob("*"))
        if ending_of(file.name) in FILE_TYPES
        if file.is_file() and 0 < file.stat().st_size <= MOST_FILE_BYTES
    )
    async with Readers() as readers:
        return await a_few_at_a_time(map(one, files))


def table(looked: Sequence[Looked]) -> str:
    types = sorted({ending_of(each.file.name) for each in looked})
    lines = [
        "| named | files | clean | suspicious | refused | could not be read | reader ended |",
        "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
    ]
    for type in [*types, "all"]:
        of_it = [each for each in looked if type in ("all", ending_of(each.file.name))]
        verdicts = Counter(each.reading.verdict for each in of_it)
        counts = [len(of_it), verdicts["clean"], verdicts["suspicious"], verdicts["refused"]]
        counts += [sum(bool(each.unread) for each in of_it), sum(each.was_ended for each in of_it)]
        lines.append(f"| {type} | {' | '.join(map(str, counts))} |")
    return "\n".join(lines)


def main(folder: Path) -> int:
    looked = asyncio.run(look(folder))
    sys.stdout.write(f"{table(looked)}\n")
    why = Counter(each.unread.partition(" (")[0] for each in looked if each.unread)
    for text, times in why.most_common():
        sys.stdout.write(f"{times} x {text}\n")
    for each in looked:
        if each.was_ended or each.seconds > SLOW:
            sys.stdout.write(f"{each.file}: {each.seconds:.1f} s {each.unread}\n")
    return int(any(each.was_ended for each in looked))


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
