"""A whole happy life in the pure rules, without engine, worker or store.

As the loop does it: each message is checked, then taken, and after each payment the claim says when
it wants to be woken. All goes well, and the days of three countries are known.
"""

from __future__ import annotations

import cProfile
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from functools import partial
from statistics import median
from typing import Any

from pydantic import BaseModel

from bench import happy
from cpor import calendars
from cpor.rules.associations.calls import Answer
from cpor.rules.claim import Claim
from cpor.rules.deadlines import Calendar, Calendars
from cpor.rules.debts import AnyDebt
from cpor.rules.editions import BASE
from cpor.rules.effects.events import EventResult
from cpor.rules.effects.evidence import SealDebt, SealResult
from cpor.rules.effects.notice import Notice, NoticeResult
from cpor.rules.effects.record import RecordResult
from cpor.rules.pinning import PinnedRules

BEGIN = datetime(2026, 3, 2, 9, tzinfo=UTC)
OPENING = happy.opening("CPOR-BENCH")
MESSAGES = happy.messages()
TALK = {"by": {"role": "partner", "id": "ada", "partner_role": "incentives_admin"}}


def _days_in(country: str) -> Calendar:
    found = calendars.resolve(country, BEGIN.date() - timedelta(days=2), 400)
    return Calendar.model_validate(found, from_attributes=True)


PINNED = PinnedRules(
    edition=BASE,
    calendars=Calendars(reviewer=_days_in("US"), partner=_days_in("DE"), customer=_days_in("SE")),
    one_holder=True,
)


class Life:
    def __init__(self) -> None:
        self.now = BEGIN
        self.notices: list[Notice] = []
        self.claim = Claim.open(OPENING, self.now)
        self._settle()

    @classmethod
    def whole(cls) -> Life:
        """Until the hand-off is taken, the partner is told and the record is kept."""
        life = cls()
        for name, message in MESSAGES:
            life.now += timedelta(hours=2)
            life.say(name, message)
        wake = life.claim.next_wake()
        assert wake is not None
        life.now = wake.at
        life.claim.tick(life.now)
        life._settle()
        assert life.claim.state.eligibility == "sent"
        return life

    def say(self, name: str, message: Any) -> None:
        self.claim.check(name, [message])
        self.claim.take(name, [message], self.now)
        self._settle()

    def _settle(self) -> None:
        """Everything owed is paid, round by round."""
        while True:
            if question := self.claim.pin_question(self.now):
                self.claim.pin(question, PINNED, self.now)
            owed = self.claim.state.payable
            for debt in owed:
                given = self.claim.begin(debt, "a run")
                if isinstance(given, Notice):
                    self.notices.append(given)
            for debt in owed:
                self.claim.paid(debt.id, _result(debt, self.now), self.now)
                self.claim.next_wake()
            if not owed:
                return


def calls() -> int:
    """How many functions a whole life calls, Python's and built-in ones: the same each time."""
    Life.whole()
    return _calls(Life.whole)


def calls_of_comments(early: int = 10, late: int = 500) -> tuple[int, int]:
    """How many functions are called for an early comment, and for a late one."""
    life, of_each = Life(), list[int]()
    for number in range(late):
        say = partial(life.say, "comment", _comment(number))
        if number + 1 in (early, late):
            of_each.append(_calls(say))
        else:
            say()
    first, last = of_each
    return first, last


def milliseconds(lives: int = 200) -> float:
    """CPU of one, the median."""
    return 1000 * median(_seconds(Life.whole) for _ in range(lives))


def growth(early: int = 10, late: int = 500, around: int = 5) -> float:
    """What a comment costs when so many were said, as so many times what an early one did."""
    life, seconds = Life(), list[float]()
    for number in range(late + around):
        seconds.append(_seconds(partial(life.say, "comment", _comment(number))))
    return median(seconds[late - around :]) / median(seconds[early - around : early + around])


def _comment(number: int) -> Mapping[str, Any]:
    return {**TALK, "id": f"comment-{number}", "text": "What do you need?"}


def _calls(do: Callable[[], object]) -> int:
    profile = cProfile.Profile()
    profile.enable()
    do()
    profile.disable()
    return sum(each.callcount for each in profile.getstats())


def _seconds(do: Callable[[], object]) -> float:
    began = time.process_time()
    do()
    return time.process_time() - began


def _result(debt: AnyDebt, at: datetime) -> BaseModel:
    match debt:
        case SealDebt():
            return SealResult(states=dict.fromkeys(debt.facts.files, "sealed"))
        case _ if debt.kind in ("enter", "award"):
            return Answer(outcome="granted" if debt.kind == "award" else "entered", step=1)
        case _ if debt.kind == "hand_off":
            return EventResult(outcome="taken", at=at)
        case _ if debt.kind == "record":
            return RecordResult(outcome="kept", at=at)
        case _:
            return NoticeResult(outcome="accepted", at=at)
