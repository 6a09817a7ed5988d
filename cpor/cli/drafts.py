"""A new draft from an old claim: what it said and what proved it, under the rules of today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from cpor.client.client import ClaimsClient
from cpor.rules.facts import EvidenceFile
from cpor.rules.views import ClaimView
from cpor.store import FileMissing


async def copy(claims: ClaimsClient, old: str, new: str, by: Mapping[str, Any]) -> str:
    """Files that are no longer there are left out.

    Doing it again finds the draft that is there, as long as the old claim stays as it was.
    """
    known = await claims.claim(old)
    proof = [
        file for file in known.evidence if file.is_there and await _put(claims, file, old, new)
    ]
    return await claims.open(_draft(known, proof, new, by))


async def _put(claims: ClaimsClient, file: EvidenceFile, old: str, new: str) -> bool:
    """False: its bytes have left the store since."""
    try:
        await claims.store.copy(old, file.sha256, new)
    except FileMissing:
        return False
    return True


def _draft(
    known: ClaimView, proof: Sequence[EvidenceFile], new: str, by: Mapping[str, Any]
) -> dict[str, Any]:
    said = known.model_dump(
        mode="json", include={"name", "program", "activity", "partner", "customer"}
    )
    return {
        **said,
        "claim_id": new,
        "products": [
            product.model_dump(include={"name", "subscription_id"}) for product in known.products
        ],
        "evidence": [file.model_dump(exclude={"state"}) for file in proof],
        "submit": False,
        "by": by,
    }
