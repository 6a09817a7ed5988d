"""The hand-off: an association that became official, told to whoever judges it for incentives."""

from __future__ import annotations

from temporalio import activity

from activities.events.delivery import Receiver, deliver
from cpor.rules.effects import ACTIVITY_OF, HandOff, HandOffResult


class HandOffActivity:
    def __init__(self, source: str, engine: Receiver) -> None:
        self._source = source
        self._engine = engine

    @activity.defn(name=ACTIVITY_OF["hand_off"])
    async def hand_off(self, hand_off: HandOff) -> HandOffResult:
        return await deliver(hand_off, self._source, self._engine)
