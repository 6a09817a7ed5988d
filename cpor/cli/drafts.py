"""A new draft with the data and the proof files of an old claim."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from cpor.bulk.claim_rows import as_opening
from cpor.client.client import ClaimsClient
from cpor.rules.facts import EvidenceFile
from cpor.store import FileMissing


async def copy(claims: ClaimsClient, old: str, new: str, by: Mapping[str, Any]) -> str:
    """Open the draft, without proof files that have left the store; returns its id.

    A second call finds the draft of the first, unless the old claim has changed.
    """
    known = await claims.claim(old)
    proof: list[EvidenceFile] = []
    for file in known.evidence:
        if file.is_there:
            with suppress(FileMissing):
                await claims.store.copy(old, file.sha256, new)
                proof.append(file)
    opening = as_opening(known.model_copy(update={"evidence": proof, "edition": None}))
    return await claims.open({**opening, "claim_id": new, "submit": False, "by": by})
