"""What a claim owes the world: the part that all effects share.

A claim writes down what it owes; a worker pays by an activity; the result is crossed off. Each debt
has an id made from claim, kind, round and recipient: paid twice, the receiver sees the same id
twice. Each kind of effect has a file of its own in `effects/`, with what the activity is given,
what comes back, and what follows.
"""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar, Generic, Literal, TypeVar

from pydantic import BaseModel
from pydantic_core import to_jsonable_python

from cpor.rules.bookkeeping import note
from cpor.rules.characters import WHITESPACE
from cpor.rules.errors import shortened
from cpor.rules.facts import Instant
from cpor.rules.history import BOTH_SIDES, CLAIM_ITSELF, Sight
from cpor.rules.lifecycle import Source
from cpor.rules.state import State

DebtKind = Literal[
    "notice",
    "seal",
    "look",
    "directory",
    "enter",
    "award",
    "release",
    "hand_off",
    "recall",
    "result",
    "event",
    "record",
    "conflict",
]
DebtState = Literal["owed", "late", "parked"]
Result = TypeVar("Result", bound=BaseModel)

KEPT_AFTER_THE_END = timedelta(days=30)
"""How long a debt that was refused for good is kept for another try, once the claim is over."""


@dataclass(frozen=True)
class Occurrence:
    """Something that the lifecycle table hears and no person has said: the world did it."""

    hears: str
    source: Source
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])
    text: str = ""
    """For the history, where the occurrence itself is an entry of it."""
    sight: tuple[Sight, ...] = BOTH_SIDES
    """Who may read that entry."""
    takes_back: Sequence[Debt[Any]] = ()
    """Crossed off once a row has heard it: which row does, they may decide."""


class Debt(BaseModel, ABC, Generic[Result]):
    """Something owed and not yet paid."""

    activity: ClassVar[str]
    """The activity that pays it."""
    result_type: ClassVar[type[BaseModel]]
    counter: ClassVar[str | None] = None
    """The metric that counts its results."""
    holds_back_announcements: ClassVar[bool] = False
    """Nobody is told of a submission before this was tried."""
    comes_last: ClassVar[bool] = False
    """Owed when all else is paid, and about just that."""

    stops_all: ClassVar[bool] = False
    """Nothing else is paid before a person has settled it; no try can."""

    id: str
    since: Instant
    state: DebtState = "owed"
    begun: bool = False
    """Whether it was ever tried: from then on it may have reached the world."""
    last_answer: str | None = None
    parked_at: Instant | None = None
    paused_until: Instant | None = None
    """The receiver asked for a pause (Retry-After)."""

    @property
    @abstractmethod
    def label(self) -> str:
        """What operators read in Temporal's UI."""

    @property
    def counted_as(self) -> str:
        """The label of the metric that tells its kind."""
        return ""

    def must_wait(self, claim: State) -> bool:
        """Whether another debt has to be paid first."""
        return False

    def begin(self, claim: State) -> None:
        """It is tried for the first time or again. What it says is fixed from the first try on."""
        self.begun = True

    @abstractmethod
    def payment(self, claim: State, run: str) -> BaseModel:
        """What the activity is given; `run` tells this claim from another of its id."""

    @abstractmethod
    def paid(self, claim: State, result: Result, now: datetime) -> Occurrence | None:
        """The world has answered: what follows, and what the lifecycle table hears of it."""

    def park(self, claim: State, answer: str, now: datetime) -> None:
        """The world has refused it for good: it waits for an operator's `retry`."""
        self.state, self.last_answer, self.parked_at = "parked", in_short(answer), now
        note(claim, "parked", f"{self.label}: {self.last_answer}", CLAIM_ITSELF, now)

    def given_up_at(self, claim: State) -> datetime | None:
        """When a parked debt of a claim that is over is given up; None where it never is."""
        return None


def plain(facts: Mapping[str, Any]) -> Mapping[str, Any]:
    """As JSON would have them: what is dumped and loaded stays the same."""
    return to_jsonable_python(facts)


def in_short(answer: str) -> str:
    """What the world answered, without the addresses that mail servers like to repeat."""
    return shortened(_ADDRESS.sub("(address)", answer[:1000]))


_ADDRESS = re.compile(rf"[^{WHITESPACE}<>@]+@[^{WHITESPACE}<>@]+")
