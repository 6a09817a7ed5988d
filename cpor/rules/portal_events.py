"""What the vendor's portal is told, so that it need not ask: changes, and when data may be seen."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cpor.rules.state import State

CHANGED = "cpor.claim.changed"
OFFICIAL = "cpor.association.official"
ENDED = "cpor.association.ended"


def of_changes(claim: State, now: datetime) -> None:
    """Owe the portal an event where it would see something else than it was told."""
    if not claim.has_portal:
        return
    seen = (claim.status.value, claim.consent, claim.eligibility)
    if seen == claim.portal_knows:
        return
    claim.portal_knows = seen
    status, consent, eligibility = seen
    data = {"status": status, "consent": consent, "eligibility": eligibility}
    _owe(claim, "changed", CHANGED, {**data, "seq": len(claim.history)}, now)


def of_association(claim: State, kind: str, at: datetime, now: datetime) -> None:
    """Whoever opens or closes usage data must know of this."""
    if claim.has_portal:
        data = {
            "tenant_id": claim.customer.tenant_id,
            "mpn_id": claim.partner.mpn_id,
            "products": [product.model_dump() for product in claim.products],
            "at": at,
        }
        _owe(claim, kind.rpartition(".")[2], kind, data, now)


def _owe(claim: State, name: str, kind: str, data: Mapping[str, Any], now: datetime) -> None:
    claim.owe_effect(
        "event", name, now, {"type": kind, "data": {"claim_id": claim.claim_id, **data}}
    )
