"""What all events to other systems share: the event, what became of it, and that it is owed."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Literal

from pydantic import BaseModel

from cpor.rules.bookkeeping import cross_off
from cpor.rules.debt import Debt, Occurrence
from cpor.rules.effects import conflict
from cpor.rules.facts import Instant
from cpor.rules.known import Conflict, Known
from cpor.rules.sparse import Sparse
from cpor.rules.state import State


class Event(BaseModel):
    """A CloudEvent to be delivered."""

    id: str
    type: str
    subject: str
    time: Instant
    data: Mapping[str, Any]


class ComparedEvent(Event):
    """One that is sent only where the store knows nothing that speaks against it."""

    known: Known


class EventResult(Sparse):
    outcome: Literal["taken", "refused", "conflict"]
    at: Instant
    detail: str = ""
    conflict: Conflict | None = None
    """What the store knew; the event was not sent."""


class Delivery(Debt[EventResult]):
    """An event that is owed to another system."""

    result_type: ClassVar[type[BaseModel]] = EventResult
    counter = "claims_hand_offs"

    def paid(self, claim: State, result: EventResult, now: datetime) -> Occurrence | None:
        if result.outcome == "refused":
            self.park(claim, result.detail, now)
            return None
        if result.conflict is not None:
            self.begun = result.conflict.sent != "never"
            conflict.stop(claim, result.conflict.text, result.conflict.found, now)
            self.in_conflict(claim, result.conflict)
            return None
        cross_off(claim, self)
        return self.taken(claim, result.at, now)

    def in_conflict(self, claim: State, found: Conflict) -> None:
        """It was not sent; what follows, beside that the claim stops."""

    @abstractmethod
    def taken(self, claim: State, at: datetime, now: datetime) -> Occurrence | None:
        """The other system has it: what follows."""
