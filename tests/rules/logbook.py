"""Drives a claim as the workflow does, and writes down all that was handed in.

The claim is put away and taken up before each step. A twin that never is gets the same, and so
does a fresh claim in the end, from the log: all three must be equal.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from pydantic import BaseModel

from cpor.rules.claim import Claim
from cpor.rules.debts import AnyDebt
from cpor.rules.errors import Refused
from cpor.rules.messages import Receipt
from cpor.rules.state import State
from cpor.simulation.handed import Handed
from tests.rules.sequences import Place

A_MOMENT = timedelta(milliseconds=20)
"""So long it takes to look up the rules and the days."""


class Driven:
    """A claim, its twin and its log. The loop's part is played: first pinned, then paid."""

    def __init__(self, data: Mapping[str, Any], now: datetime, place: Place) -> None:
        self.now = now
        self.place = place
        self.log: list[Handed] = []
        self.under_way: list[str] = []
        self._data, self._opened_at = copy.deepcopy(dict(data)), now
        self.claim = self._fresh()
        self._twin = self._fresh()

    def hand_in(self, what: str, name: str = "", content: Any = None) -> Any:
        handed = Handed(self.now, what, name, content)
        before = self.claim
        self.claim = put_away_and_taken_up(before)
        refusal = _refusal_of(self.claim, handed) if what == "update" else None
        assert self.claim.state == before.state, "a check changed something"
        answer = _a_copy(handed).to(self.claim)
        if what == "update" and not isinstance(answer, Receipt):
            assert answer == refusal
            assert self.claim.state == before.state, "a refusal left something behind"
        self.log.append(handed)
        assert _a_copy(handed).to(self._twin) == answer
        self.has_happened(before, handed, answer)
        return answer

    def begin(self, debt_id: str) -> None:
        """What is paid is made, as late as this; nothing else happens to the claim."""
        handed = Handed(self.now, "begin", debt_id)
        answer = _a_copy(handed).to(self.claim)
        self.log.append(handed)
        assert _a_copy(handed).to(self._twin) == answer
        self.has_begun(debt_id, answer)

    def has_begun(self, debt_id: str, payment: Any) -> None:
        """Called whenever a payment has begun."""

    def has_happened(self, before: Claim, handed: Handed, answer: Any) -> None:
        """Called after each step, with the claim as it was before it."""

    def loop_runs(self) -> None:
        """What the workflow does whenever something happened, before it sleeps again."""
        if question := self.claim.pin_question(self.now):
            self.now += A_MOMENT
            rules = self.place.rules(question)
            self.hand_in("pin", content=(question, rules))
        assert self._twin.state.model_dump_json() == self.claim.state.model_dump_json()
        owed = [debt.id for debt in self.claim.state.payable]
        self.under_way = [each for each in self.under_way if each in owed]
        for debt_id in owed:
            if debt_id not in self.under_way:
                self.begin(debt_id)
                self.under_way.append(debt_id)

    def paid(self, debt: AnyDebt, result: BaseModel) -> None:
        self._is_over(debt)
        self.hand_in("paid", debt.id, (debt.kind, result))

    def parked(self, debt: AnyDebt, answer: str) -> None:
        self._is_over(debt)
        self.hand_in("park", debt.id, answer)

    def late(self, debt: AnyDebt, answer: str, pause: timedelta | None = None) -> None:
        """The first tries failed; the loop begins the slower ones."""
        self._is_over(debt)
        self.hand_in("late", debt.id, (answer, pause))

    def is_told_the_same_again(self) -> None:
        """The twin, and a fresh claim that is handed the whole log, are equal to this one."""
        assert self._twin.state.model_dump_json() == self.claim.state.model_dump_json()
        fresh = self._fresh()
        for handed in self.log:
            _a_copy(handed).to(fresh)
        assert fresh.state.model_dump_json() == self.claim.state.model_dump_json()

    def told(self) -> str:
        """The log, to be read by whoever wants to know what went wrong."""
        opened = f"opened {self._opened_at} {self.place} {self._data}"
        return "\n".join([opened, *map(str, self.log)])

    def _fresh(self) -> Claim:
        return Claim.open(copy.deepcopy(self._data), self._opened_at)

    def _is_over(self, debt: AnyDebt) -> None:
        if debt.id in self.under_way:
            self.under_way.remove(debt.id)


def _a_copy(handed: Handed) -> Handed:
    """Written down and read again: nothing is shared between claims."""
    return replace(handed, content=_read_again(handed.content))


def _read_again(content: Any) -> Any:
    match content:
        case BaseModel():
            return type(content).model_validate_json(content.model_dump_json())
        case (first, second):
            return _read_again(first), _read_again(second)
        case _:
            return copy.deepcopy(content)


def _refusal_of(claim: Claim, handed: Handed) -> tuple[str, str] | None:
    try:
        claim.check(handed.name, copy.deepcopy(handed.content))
    except Refused as refused:
        return refused.code, refused.text
    return None


def put_away_and_taken_up(claim: Claim) -> Claim:
    loaded = Claim(State.model_validate_json(claim.state.model_dump_json()))
    assert loaded.state == claim.state
    return loaded
