"""Proof files are looked into, each once, by processes that can do nothing else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory

from temporalio import activity

from activities import failures
from activities.virus_scanner import VirusScanner
from cpor.evidence import kept
from cpor.evidence.confinement import AT_ONCE, Readers
from cpor.evidence.errors import NoReader
from cpor.evidence.kept import KeptReading
from cpor.evidence.reading import Reading
from cpor.evidence.tally import tally
from cpor.evidence.types import ending_of
from cpor.rules.effects.look import FileFound, FileToRead, Look, LookDebt, LookResult
from cpor.rules.proof_files import FindingCode
from cpor.store import Store
from cpor.store.local_files import pieces_of


@contextmanager
def _reader_failures() -> Generator[None]:
    try:
        yield
    except NoReader as error:
        raise failures.retryable("NoReader", str(error)) from None


class ProofFilesActivity:
    def __init__(self, store: Store, readers: Readers, scanner: VirusScanner | None = None) -> None:
        self._store = store
        self._readers = readers
        self._scanner = scanner
        self._gate = asyncio.Semaphore(AT_ONCE)
        """For all claims of this worker: each reader is a process, with memory of its own."""

    @activity.defn(name=LookDebt.activity)
    async def look_into_proof(self, look: Look) -> LookResult:
        """A file that cannot be read is an answer; a store that fails is an error, tried again.

        What one try has found is kept, so that the next one goes on from there.
        """
        with failures.store_failures(), _reader_failures():
            files = {each.sha256: await self._found(look.claim_id, each) for each in look.files}
            async with self._gate:
                found = await tally(self._readers, look.claimed, self._kept(look))
        return LookResult(files=files, lines=found.lines, asks=found.asks)

    async def _found(self, claim_id: str, file: FileToRead) -> FileFound:
        found = await kept.found_in(self._store, claim_id, file.sha256, file.name, file.media_type)
        if found is None or (self._scanner and not found.scanned):
            async with self._gate:
                found = KeptReading(
                    name=file.name,
                    media_type=file.media_type,
                    reading=await self._read(claim_id, file),
                    scanned=self._scanner is not None,
                )
            await kept.keep(self._store, claim_id, file.sha256, found)
        reading = found.reading
        codes: dict[FindingCode, None] = dict.fromkeys(each.code for each in reading.findings)
        return FileFound(verdict=reading.verdict, findings=list(codes))

    async def _read(self, claim_id: str, file: FileToRead) -> Reading:
        """From a copy: the time that a reader has is not the store's."""
        with TemporaryDirectory() as folder:
            copy = Path(folder) / file.sha256
            await self._store.save(claim_id, file.sha256, copy)
            scan = await self._scanner.look_through(pieces_of(copy)) if self._scanner else None
            if scan and scan.code == "virus":
                return Reading(type=ending_of(file.name), findings=[scan])
            reading = await self._readers.read(partial(pieces_of, copy), file.name, file.media_type)
        reading.findings[:0] = [scan] if scan else []
        return reading

    async def _kept(self, look: Look) -> AsyncIterator[bytes]:
        for file in look.files:
            if line := await kept.line_of(self._store, look.claim_id, file.sha256):
                yield line
