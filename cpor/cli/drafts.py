"""A new draft with the data and the proof files of an old claim."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cpor.client.client import ClaimsClient
from cpor.rules.facts import EvidenceFile
from cpor.rules.views import ClaimView
from cpor.store import FileMissing


async def copy(claims: ClaimsClient, old: str, new: str, by: Mapping[str, Any]) -> str:
    """Open the draft, without proof files that have left the store; returns its id.

    A second call finds the draft of the first, unless the old claim has changed.
    """
    known = await claims.claim(old)
    proof = [
        file for file in known.evidence if file.is_there and await _copied(claims, file, old, new)
    ]
    return await claims.open(_draft(known, proof, new, by))


async def _copied(claims: ClaimsClient, file: EvidenceFile, old: str, new: str) -> bool:
    """False if the file has left the store."""
    try:
        await claims.store.copy(old, file.sha256, new)
    except FileMissing:
        return False
    return True


def _draft(
    known: ClaimView, proof: Sequence[EvidenceFile], new: str, by: Mapping[str, Any]
) -> dict[str, Any]:
    data = known.model_dump(
        mode="json", include={"name", "program", "activity", "partner", "customer"}
    )
    return {
        **data,
        "claim_id": new,
        "products": [
            product.model_dump(include={"name", "subscription_id"}) for product in known.products
        ],
        "evidence": [file.model_dump(exclude={"state"}) for file in proof],
        "submit": False,
        "by": by,
    }
