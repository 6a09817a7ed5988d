"""What `check` looks at: a claim as it would be sent, and the files that go with it."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from cpor.client import openings
from cpor.evidence.check import check as check_proof
from cpor.evidence.sheet import Sheet
from cpor.rules.facts import Opening
from cpor.store.local_files import refer


async def check(claim: Path, files: Sequence[Path]) -> Sheet:
    """The sheet about these files, else about those that the claim names."""
    opening = openings.read(claim)
    if files:
        proof = {file: await asyncio.to_thread(refer, file) for file in files}
        named = [reference.model_dump() for reference in proof.values()]
        checked = openings.check({**opening.data, "evidence": named}, proof)
    else:
        checked = await opening.check()
    today = datetime.now(UTC).date()
    return await check_proof(Opening.read(checked.content), checked.proof, today)
