"""Looks into the proof of a claim that was sent, as the store has it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime

from cpor.evidence import confinement
from cpor.evidence.reading import Reading
from cpor.evidence.sheet import Claimed, ClaimedProduct, ReadFile, Sheet, write
from cpor.evidence.types import ending_of
from cpor.rules.facts import EvidenceFile
from cpor.rules.views import ClaimView
from cpor.store import Store, StoreError


async def sheet(store: Store, claim: ClaimView) -> Sheet:
    """The sheet about all files that are not withdrawn."""
    submitted = claim.submitted_at or datetime.now(UTC)
    claimed = Claimed(
        partner=claim.partner.name,
        mpn_id=claim.partner.mpn_id,
        customer=claim.customer.name,
        domain=claim.customer.domain,
        tenant_id=claim.customer.tenant_id,
        products=[ClaimedProduct(**each.model_dump()) for each in claim.products],
        submitted=submitted.date(),
    )
    files = [file for file in claim.evidence if file.state != "withdrawn"]
    return write(claimed, await read_all(store, claim.claim_id, files))


async def read_all(store: Store, claim_id: str, files: Iterable[EvidenceFile]) -> list[ReadFile]:
    gate = asyncio.Semaphore(confinement.AT_ONCE)

    async def read(file: EvidenceFile) -> ReadFile:
        async with gate:
            reading = await read_one(store, claim_id, file)
        return ReadFile(sha256=file.sha256, name=file.name, reading=reading)

    return await asyncio.gather(*map(read, files))


async def read_one(store: Store, claim_id: str, file: EvidenceFile) -> Reading:
    """What is in the file; one that the store does not give is as good as unread."""
    try:
        pieces = store.read(claim_id, file.sha256)
        return await confinement.read(pieces, file.name, file.media_type)
    except StoreError as error:
        return Reading.unreadable(ending_of(file.name), str(error))
