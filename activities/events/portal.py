"""What becomes of claims, told to the vendor's portal, so that it need not ask all the time."""

from __future__ import annotations

from temporalio import activity

from activities import clock
from activities.events.delivery import Receiver, deliver
from cpor.rules.effects.events import Event, EventResult
from cpor.rules.effects.portal_event import EventDebt

NOBODY_LISTENS = "Nobody takes events for the portal; see CLAIMS_PORTAL_EVENTS_URL."


class PortalEventActivity:
    def __init__(self, source: str, portal: Receiver | None) -> None:
        self._source = source
        self._portal = portal

    @activity.defn(name=EventDebt.activity)
    async def send_event(self, event: Event) -> EventResult:
        """An event that nobody wants any more is settled: no claim waits for a portal that left."""
        if self._portal is None:
            return EventResult(outcome="taken", at=clock.start()(), detail=NOBODY_LISTENS)
        return await deliver(event, self._source, self._portal)
