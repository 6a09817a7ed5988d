"""Looks at proof before a claim is sent: offline, by whoever is about to submit it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from datetime import date
from pathlib import Path

from cpor.evidence import confinement
from cpor.evidence.sheet import Claimed, ClaimedProduct, ReadFile, Sheet, write
from cpor.rules.facts import FileReference, Opening, Product
from cpor.store.local_files import pieces_of


async def check(opening: Opening, proof: Mapping[Path, FileReference], today: date) -> Sheet:
    """The sheet that reviewers would see, were the claim submitted today with these files."""
    gate = asyncio.Semaphore(confinement.AT_ONCE)

    async def looked_into(file: Path, reference: FileReference) -> ReadFile:
        async with gate:
            reading = await confinement.read(pieces_of(file), reference.name, reference.media_type)
        return ReadFile(sha256=reference.sha256, name=reference.name, reading=reading)

    read = await asyncio.gather(*(looked_into(*each) for each in proof.items()))
    return write(_claimed_by(opening, today), read)


def _claimed_by(opening: Opening, submitted: date) -> Claimed:
    return Claimed(
        partner=opening.partner.name,
        mpn_id=opening.partner.mpn_id,
        customer=opening.customer.name,
        domain=opening.customer.domain,
        tenant_id=opening.customer.tenant_id,
        products=[ClaimedProduct(**Product.of(each).model_dump()) for each in opening.products],
        submitted=submitted,
    )
