"""The one live timer of a claim."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from cpor.rules.agenda import Wake

_AT_LEAST = timedelta(seconds=1)
"""Only timers end windows: a wake-up in the past, after no worker was there, gets one too."""


class Alarm:
    """Set anew only when instant or label change, so that a message costs no timer."""

    def __init__(self) -> None:
        self._wake: Wake | None = None
        self._timer: asyncio.Task[None] | None = None

    @property
    def rings(self) -> bool:
        return self._timer is not None and self._timer.done()

    def set(self, wake: Wake | None) -> None:
        if wake == self._wake:
            return
        if self._timer is not None:
            self._timer.cancel()
        self._wake = wake
        self._timer = None if wake is None else asyncio.create_task(_sleep(wake))

    def off(self) -> datetime:
        """Take note that it rang; the instant it stands for, or now if that is later."""
        wake, self._wake, self._timer = self._wake, None, None
        return max(wake.at, workflow.now()) if wake else workflow.now()


async def _sleep(wake: Wake) -> None:
    await workflow.sleep(max(wake.at - workflow.now(), _AT_LEAST), summary=wake.label)
