"""Uploads that no claim has sealed: named by none, or changed on the way."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cpor.alongside import alongside
from cpor.client.client import ClaimsClient
from cpor.client.errors import ClaimUnknown, EngineUnreachable, PortalError
from cpor.store import is_claim_id

log = logging.getLogger(__name__)

KEPT = timedelta(days=7)
"""An upload is named by a message long before."""
EVERY = timedelta(days=1)


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
        if silence or name in awaited:
            yield Leftover(each, name, silence or "the claim has still to seal it")
        elif await claims.store.forget_upload(each, name, now - KEPT):
            yield Leftover(each, name, None)


def sweeping(claims: ClaimsClient) -> AbstractAsyncContextManager[None]:
    """Sweep now and once a day until the end of the block. Others may do the same meanwhile."""
    return alongside(_sweep_regularly(claims))


async def _sweep_regularly(claims: ClaimsClient) -> None:
    while True:
        try:
            found = [each async for each in swept(claims, datetime.now(UTC))]
        except Exception as error:
            # Whatever failed, no worker ends over it, and what was left stays for the next day.
            log.warning("unsealed uploads stay: %s", type(error).__name__)
        else:
            kept = sum(each.kept_because is not None for each in found)
            if found:
                log.info(
                    "uploads that no claim has sealed: %d deleted, %d kept", len(found) - kept, kept
                )
        await asyncio.sleep(EVERY.total_seconds())


async def _awaited(claims: ClaimsClient, claim_id: str) -> frozenset[str]:
    if not is_claim_id(claim_id):
        return frozenset()
    try:
        evidence = (await claims.claim(claim_id)).evidence
    except ClaimUnknown:
        return frozenset()
    return frozenset(file.sha256 for file in evidence if file.state == "received")
