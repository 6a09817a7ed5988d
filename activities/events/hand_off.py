"""The hand-off: an association that became official, told to whoever judges it for incentives."""

from __future__ import annotations

from temporalio import activity

from activities.events.delivery import Receiver, deliver
from cpor.rules.effects.events import Event, EventResult
from cpor.rules.effects.hand_off import HandOffDebt


class HandOffActivity:
    def __init__(self, source: str, engine: Receiver) -> None:
        self._source = source
        self._engine = engine

    @activity.defn(name=HandOffDebt.activity)
    async def hand_off(self, hand_off: Event) -> EventResult:
        return await deliver(hand_off, self._source, self._engine)
