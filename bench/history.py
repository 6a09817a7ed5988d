"""What one journey left in its workflow's history."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Self

from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client

from bench.journey import HANDED_OFF, LIMIT, Handle, Stuck

WORKFLOW_TASK = {
    EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED,
    EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED,
    EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED,
}
BILLABLE = {
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_STARTED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED,
    EventType.EVENT_TYPE_TIMER_STARTED,
    EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
    EventType.EVENT_TYPE_MARKER_RECORDED,
    EventType.EVENT_TYPE_UPSERT_WORKFLOW_SEARCH_ATTRIBUTES,
}
GOES_ON = EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW
"""The journey is over then: this is what the next run begins with."""
UNDER_WAY = {
    EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED,
    EventType.EVENT_TYPE_WORKFLOW_TASK_STARTED,
    EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED,
    EventType.EVENT_TYPE_ACTIVITY_TASK_STARTED,
    EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED,
}


@dataclass(frozen=True)
class Traces:
    kinds: Counter[str]
    """Events by kind, workflow tasks left out."""
    tasks: int
    bytes: int
    """All events as they are stored and sent, serialized protobuf, workflow tasks too."""
    actions: int
    transitions: int
    """What Temporal counts by the same name: how often it wrote the workflow's state."""
    carried: int
    """The event by which it goes on in a new run, which begins with as many bytes."""

    @property
    def events(self) -> int:
        return self.kinds.total()

    @classmethod
    def of(cls, history: Iterable[HistoryEvent], transitions: int) -> Self:
        whole = list(history)
        lasting = _of_the_journey(whole)
        return cls(
            kinds=Counter(
                _name(event) for event in lasting if event.event_type not in WORKFLOW_TASK
            ),
            tasks=sum(
                event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED
                for event in lasting
            ),
            bytes=sum(event.ByteSize() for event in lasting),
            actions=sum(event.event_type in BILLABLE for event in lasting),
            transitions=transitions,
            carried=sum(event.ByteSize() for event in whole if event.event_type == GOES_ON),
        )


async def traces(client: Client, handle: Handle) -> Traces:
    """When the workflow has taken note of all there was, and waits.

    An official claim goes on in a new run; the journey is the first one.
    """
    first_run = client.get_workflow_handle(handle.id, run_id=handle.first_execution_run_id)
    try:
        async with asyncio.timeout(LIMIT):
            while not _is_at_rest(history := (await first_run.fetch_history()).events):
                await asyncio.sleep(0.02)
            described = (await first_run.describe()).raw_description.workflow_execution_info
            return Traces.of(history, described.state_transition_count)
    except TimeoutError:
        raise Stuck(f"{handle.id} comes to no rest.") from None


def _is_at_rest(history: Sequence[HistoryEvent]) -> bool:
    lasting = _of_the_journey(history)
    paid = sum(
        event.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED for event in lasting
    )
    return paid == HANDED_OFF and lasting[-1].event_type not in UNDER_WAY


def _of_the_journey(history: Iterable[HistoryEvent]) -> list[HistoryEvent]:
    return [event for event in history if event.event_type != GOES_ON]


def _name(event: HistoryEvent) -> str:
    name = EventType.Name(event.event_type).removeprefix("EVENT_TYPE_")
    return name.removeprefix("WORKFLOW_EXECUTION_").replace("_", " ").lower()
