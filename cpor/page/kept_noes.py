"""A customer's no is kept in the store before it is passed on, and passed on until a claim has it.

The store outlives Temporal's database, and no claim is handed off against a no in the store. If a
page ends before it could pass a no on, the next page does so when it starts, as long as the no is
at most seven days old and still in time. `starter.py reconcile` does the rest.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from cpor.client.client import ClaimsClient
from cpor.client.errors import ClaimClosed, ClaimUnknown, EngineUnreachable, NoAnswer, PortalError
from cpor.links import Invitation
from cpor.page.counted_noes import CountedNoes
from cpor.rules.own_ids import decline_id
from cpor.rules.views import may_be_declined
from cpor.store import StoreError

FIRST_PAUSE, LONGEST_PAUSE = 5.0, 300.0
"""Seconds between two tries to pass a no on."""
TAKEN_UP = timedelta(days=7)
"""A proof counts no longer than this; older noes are for `starter.py reconcile`."""

log = logging.getLogger(__name__)


class KeptNoes:
    def __init__(self, claims: ClaimsClient, counted: CountedNoes | None = None) -> None:
        self._claims = claims
        self.counted = counted or CountedNoes()
        self._passing_on: dict[str, asyncio.Task[None]] = {}

    async def keep(self, invitation: Invitation, no: Mapping[str, Any]) -> bool:
        """Whether the store has it. If the store is down, the customer is not turned away."""
        try:
            await self._claims.store.keep_no(invitation.claim_id, invitation.notice_id, no)
        except StoreError as error:
            log.warning("%s: a no was not kept: %s", invitation.notice_id, type(error).__name__)
            return False
        return True

    async def take_up(self) -> None:
        """Pass on the noes that an earlier page kept and could not pass on before it ended."""
        since = datetime.now(UTC) - TAKEN_UP
        pause = FIRST_PAUSE
        while not await self._took_all_up(since):
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE)

    async def _took_all_up(self, since: datetime) -> bool:
        """Try each. A claim that does not answer does not hold up the others; False: try again."""
        all_done = True
        try:
            async for claim_id, notice_id in self._claims.store.noes_since(since):
                try:
                    await self._take_up(claim_id, notice_id)
                except NoAnswer:
                    log.warning("%s: a kept no is not taken up yet: NoAnswer", notice_id)
                    all_done = False
        except (EngineUnreachable, StoreError) as error:
            log.warning("kept noes are not taken up yet: %s", type(error).__name__)
            return False
        return all_done

    async def _take_up(self, claim_id: str, notice_id: str) -> None:
        """After the time to decline, the no is left to `reconcile`. It may have been said in time,
        and the claim would take it as late."""
        try:
            found = await self._claims.overview(claim_id, decline_id(notice_id), "customer")
        except (EngineUnreachable, NoAnswer):
            raise
        except (ClaimUnknown, ClaimClosed):
            return  # nobody hears it
        except PortalError as error:
            log.warning("%s: a kept no is left as it is: %s", notice_id, type(error).__name__)
            return
        wanted = found.receipt is None and may_be_declined(found.claim)
        no = await self._claims.store.read_no(claim_id, notice_id) if wanted else None
        if no is not None:
            self.pass_on(claim_id, notice_id, no)

    def pass_on(self, claim_id: str, notice_id: str, no: Mapping[str, Any]) -> None:
        """Begin to pass it on: once for each notice, however often the button is pressed."""
        if notice_id not in self._passing_on:
            self.counted.count("kept")
            task = asyncio.create_task(self._pass_on(claim_id, notice_id, no))
            self._passing_on[notice_id] = task
            task.add_done_callback(lambda _: self._passing_on.pop(notice_id))

    async def _pass_on(self, claim_id: str, notice_id: str, no: Mapping[str, Any]) -> None:
        pause = FIRST_PAUSE
        while True:
            await asyncio.sleep(pause)
            try:
                await self._claims.pass_on(claim_id, "decline", no)
                log.info("%s: a kept no was passed on", notice_id)
                self.counted.count("passed_on")
                return
            except (EngineUnreachable, NoAnswer, StoreError):
                pause = min(pause * 2, LONGEST_PAUSE)
            except PortalError as error:
                log.warning("%s: a kept no: %s", notice_id, type(error).__name__)
                self.counted.count("not_taken")
                return
