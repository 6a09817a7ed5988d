"""Looks into proof before a claim is sent: offline, for whoever is about to submit it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from functools import partial
from pathlib import Path

from cpor.evidence.confinement import Readers, a_few_at_a_time
from cpor.evidence.sheet import ReadFile, Sheet, write
from cpor.rules.facts import FileReference, Opening, Product
from cpor.rules.proof_sheet import Claimed
from cpor.store.local_files import pieces_of


async def check(opening: Opening, proof: Mapping[Path, FileReference], today: date) -> Sheet:
    """The sheet that reviewers would see, were the claim submitted today with these files."""

    async def read(file: Path, named: FileReference) -> ReadFile:
        reading = await readers.read(partial(pieces_of, file), named.name, named.media_type)
        return ReadFile(sha256=named.sha256, name=named.name, reading=reading)

    products = list(map(Product.of, opening.products))
    claimed = Claimed.of(opening.partner, opening.customer, products, today)
    async with Readers() as readers:
        return write(claimed, await a_few_at_a_time(read(*each) for each in proof.items()))
