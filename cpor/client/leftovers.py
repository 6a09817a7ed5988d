"""Uploads that no claim has sealed: named by none, or changed on the way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from cpor.client.client import ClaimsClient
from cpor.client.errors import ClaimUnknown, EngineUnreachable, PortalError
from cpor.store import is_claim_id

KEPT = timedelta(days=7)
"""An upload is named by a message long before."""


@dataclass(frozen=True)
class Leftover:
    claim_id: str
    name: str
    kept_because: str | None
    """None where it is gone."""


async def swept(claims: ClaimsClient, now: datetime) -> AsyncIterator[Leftover]:
    """Delete what has lain there for a week. What a claim has still to seal is kept, for a store
    or the workers may have been away so long; and so is what belongs to a claim that cannot say."""
    claim_id, awaited, silence = None, frozenset[str](), None
    async for each, name in claims.store.uploaded_before(now - KEPT):
        if each != claim_id:
            claim_id, silence = each, None
            try:
                awaited = await _awaited(claims, each)
            except EngineUnreachable:
                raise
            except PortalError as error:
                silence = str(error)
        if silence is None and name not in awaited:
            await claims.store.forget_upload(each, name)
            yield Leftover(each, name, None)
        else:
            yield Leftover(each, name, silence or "the claim has still to seal it")


async def _awaited(claims: ClaimsClient, claim_id: str) -> frozenset[str]:
    if not is_claim_id(claim_id):
        return frozenset()
    try:
        evidence = (await claims.claim(claim_id)).evidence
    except ClaimUnknown:
        return frozenset()
    return frozenset(file.sha256 for file in evidence if file.state == "received")
