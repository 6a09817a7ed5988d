"""Looks into the proof of a claim that was sent, as the store has it."""

from __future__ import annotations

from datetime import UTC, datetime

from cpor.evidence import kept, news
from cpor.evidence.confinement import Readers, a_few_at_a_time
from cpor.evidence.reading import Reading
from cpor.evidence.sheet import ReadFile, Sheet
from cpor.evidence.types import ending_of
from cpor.rules.facts import EvidenceFile
from cpor.rules.proof_sheet import Claimed
from cpor.rules.views import ClaimView
from cpor.store import Store, StoreError


async def sheet(store: Store, claim: ClaimView) -> Sheet:
    """The sheet about all files that are not withdrawn."""

    async def read(file: EvidenceFile) -> ReadFile:
        try:
            reading = await reading_of(store, readers, claim.claim_id, file)
        except StoreError as error:
            reading = Reading.unreadable(ending_of(file.name), str(error))
        return ReadFile(sha256=file.sha256, name=file.name, reading=reading)

    submitted = claim.submitted_at or datetime.now(UTC)
    claimed = Claimed.of(claim.partner, claim.customer, claim.products, submitted.date())
    files = (read(file) for file in claim.evidence if file.state != "withdrawn")
    async with Readers() as readers:
        read_files = await a_few_at_a_time(files)
    return news.written(claimed, read_files, claim)


async def reading_of(store: Store, readers: Readers, claim_id: str, file: EvidenceFile) -> Reading:
    """As a worker has found it, else as it is found now."""
    about = (file.name, file.media_type)
    if found := await kept.found_in(store, claim_id, file.sha256, *about):
        return found.reading
    return await readers.read(lambda: store.read(claim_id, file.sha256), *about)
