"""A new draft from an old claim: what it said and what proved it, under the rules of today."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from claims.views import ClaimView
from portal.client import ClaimsClient


async def copy(claims: ClaimsClient, old: str, new: str, by: Mapping[str, Any]) -> str:
    """Files that are no longer there are left out. Doing it again finds the draft that is there."""
    known = await claims.claim(old)
    draft = _draft(known, new, by)
    for file in draft["evidence"]:
        await claims.store.copy(old, file["sha256"], new)
    return await claims.open(draft)


def _draft(known: ClaimView, new: str, by: Mapping[str, Any]) -> dict[str, Any]:
    said = known.model_dump(
        mode="json", include={"name", "program", "activity", "partner", "customer"}
    )
    return {
        **said,
        "claim_id": new,
        "products": [
            product.model_dump(include={"name", "subscription_id"}) for product in known.products
        ],
        "evidence": [
            file.model_dump(exclude={"state"}) for file in known.evidence if file.is_there
        ],
        "submit": False,
        "by": by,
    }
