"""A customer's no is kept in the store before it is passed on, and passed on until a claim has it.

The store outlives the engine's database, and no claim is handed on against a no that it has. What
this process could not pass on before it ended, `starter.py reconcile` passes on.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Mapping
from typing import Any

from cpor.client.client import ClaimsClient
from cpor.client.errors import EngineUnreachable, NoAnswer, PortalError
from cpor.links import Invitation
from cpor.store import StoreError

FIRST_PAUSE, LONGEST_PAUSE = 5.0, 300.0
"""Seconds between two tries to pass a no on."""

log = logging.getLogger(__name__)


class KeptNoes:
    def __init__(self, claims: ClaimsClient) -> None:
        self._claims = claims
        self._passing_on: dict[str, asyncio.Task[None]] = {}

    async def keep(self, invitation: Invitation, no: Mapping[str, Any]) -> bool:
        """Whether the store has it; whoever says no is not turned away where it is down."""
        try:
            await self._claims.store.keep_no(invitation.claim_id, invitation.notice_id, no)
        except StoreError as error:
            log.warning("%s: a no was not kept: %s", invitation.notice_id, type(error).__name__)
            return False
        return True

    def pass_on(self, invitation: Invitation, no: Mapping[str, Any]) -> None:
        """Once for each notice, however often the button is pressed."""
        notice_id = invitation.notice_id
        if notice_id not in self._passing_on:
            task = asyncio.create_task(self._pass_on(invitation, no))
            self._passing_on[notice_id] = task
            task.add_done_callback(lambda _: self._passing_on.pop(notice_id))

    async def _pass_on(self, invitation: Invitation, no: Mapping[str, Any]) -> None:
        pause = FIRST_PAUSE
        while True:
            await asyncio.sleep(pause)
            try:
                await self._claims.pass_on(invitation.claim_id, "decline", no)
                log.info("%s: a kept no was passed on", invitation.notice_id)
                return
            except (EngineUnreachable, NoAnswer, StoreError):
                pause = min(pause * 2, LONGEST_PAUSE)
            except PortalError as error:
                log.warning("%s: a kept no: %s", invitation.notice_id, type(error).__name__)
                return
