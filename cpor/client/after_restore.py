"""After a restore claims are compared with the store before anything is sent in their name."""

from __future__ import annotations

import asyncio
import logging
from datetime import datetime

from cpor.client.answers import Taken
from cpor.client.client import ClaimsClient
from cpor.client.errors import PortalError
from cpor.client.reconciliation import Disagreement, disagreements, settle
from cpor.store import StoreError

log = logging.getLogger(__name__)

WHO = "after-restore"
"""The operator who stops a claim, as its receipts name it."""
FIRST_PAUSE, LONGEST_PAUSE = 5.0, 300.0
"""Seconds between two rounds, while some claims could not be compared or stopped."""


async def compare(claims: ClaimsClient, since: datetime) -> None:
    """Returns once each claim agrees with the store, has its customer's no, or stands still.

    Others may do the same meanwhile: a no counts once, and what stands still is left alone.
    """
    pause = FIRST_PAUSE
    while left := await _round(claims, since):
        log.warning("%d claims are not settled; nothing is sent meanwhile", left)
        await asyncio.sleep(pause)
        pause = min(pause * 2, LONGEST_PAUSE)
    log.info("all claims agree with the store, or stand still")


async def _round(claims: ClaimsClient, since: datetime) -> int:
    """How many are left for another one."""
    left = 0
    try:
        async for each in disagreements(claims, since):
            left += not await _is_settled(claims, each)
    except (PortalError, StoreError) as error:
        log.warning("claims could not be listed: %s", type(error).__name__)
        return left + 1
    return left


async def _is_settled(claims: ClaimsClient, each: Disagreement) -> bool:
    if not (each.found or each.no):
        log.warning("%s: %s", each.claim_id, each.text)
        return each.is_known
    try:
        answer = await settle(claims, each, WHO)
    except (PortalError, StoreError) as error:
        log.warning("%s is not stopped: %s", each.claim_id, type(error).__name__)
        return False
    log.warning("%s: the store has %s: %s", each.claim_id, each.text, each.remedy)
    return not isinstance(answer, Taken)
