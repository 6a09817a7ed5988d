"""One claim in the made-up world: what the loop of its workflow does, and each step looked at."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from cpor.rules.associations.telling import Called, Heard, Telling
from cpor.rules.claim import Claim
from cpor.rules.debts import AnyDebt
from cpor.rules.envelope import key_of
from cpor.rules.state import State
from cpor.simulation import people
from cpor.simulation.always import ALWAYS, SHOWN
from cpor.simulation.before import Before
from cpor.simulation.handed import Handed
from cpor.simulation.steps import Steps
from cpor.simulation.world import SYSTEM_OF

if TYPE_CHECKING:
    from cpor.simulation.year import Year

A_MOMENT = timedelta(milliseconds=20)
FIRST_TRIES = timedelta(minutes=15)
A_TRY_THAT_DIED = timedelta(minutes=2)


class Broken(Exception):
    """A rule raised, or left something that may never be."""

    def __init__(self, life: Life, error: Exception) -> None:
        super().__init__(f"{life.claim_id}: {type(error).__name__}: {error}")
        self.life, self.error = life, error


class Life:
    def __init__(self, year: Year, number: int, edition: str) -> None:
        self.year = year
        self.claim_id = f"SIM-{number:07}"
        self.dice = Random(f"{year.seed}: claim {number}")
        self.edition = edition
        self.tenant = year.tenants.one(self.dice, year.world.luck.same_tenant)
        shown = SHOWN if number % year.plan.shown_every == 1 else ()
        self.steps = Steps((*ALWAYS, *shown, *year.also))
        self.log: list[Handed] = []
        self.under_way: dict[str, int] = {}
        self.tries = 0
        self.ids = 0
        self.expected = 0
        """Events of it that are still to come."""
        self.queued_since: datetime | None = None
        self.wakes_at: datetime | None = None
        self.seen: tuple[object, ...] = ()
        self.data: dict[str, Any] = {}
        self.opened_at = year.now

    @property
    def state(self) -> State:
        return self.claim.state

    @property
    def now(self) -> datetime:
        return self.year.now

    def begins(self) -> None:
        self.opened_at, self.data = self.now, people.opening(self)
        try:
            self.claim = Claim.open(self.data, self.now)
            self.steps.opened(self.claim)
            self.tenant.lives[self.claim_id] = self
        except Exception as error:
            raise Broken(self, error) from error
        self._goes_on()

    def hand_in(self, what: str, name: str = "", content: Any = None) -> Any:
        handed = Handed(self.now, what, name, content)
        self.log.append(handed)
        try:
            answer = self._step(handed)
        except Exception as error:
            raise Broken(self, error) from error
        self.year.figures.steps += 1
        if handed.is_said:
            self.year.figures.answered(answer)
        if self.dice.random() < self.year.world.luck.worker_dies:
            self._worker_dies()
        self._goes_on()
        return answer

    def say(self, name: str, content: Mapping[str, Any]) -> None:
        what = "signal" if self.dice.random() < 0.3 else "update"
        self.hand_in(what, name, [dict(content)])

    def later(self, delay: timedelta, kind: int, what: Any, *given: Any) -> None:
        self.expected += 1
        self.year.at(self.now + delay, kind, self, what, *given)

    def _step(self, handed: Handed) -> Any:
        before = Before.of(self.state, whole=self._is_known(handed))
        answer = handed.to(self.claim)
        self.steps.happened(self.claim, before, handed, answer)
        return answer

    def _is_known(self, handed: Handed) -> bool:
        """Said before: it must change nothing."""
        if not handed.is_said:
            return False
        said = handed.content[0]
        return key_of(said["by"]["role"], said["id"]) in self.state.receipts

    # What the loop of the workflow does

    def _goes_on(self) -> None:
        if question := self.claim.pin_question(self.now):
            self.hand_in("pin", content=(question, self.year.world.rules(question)))
            return
        owed = {debt.id: debt for debt in self.state.payable}
        for debt_id in [each for each in self.under_way if each not in owed]:
            del self.under_way[debt_id]
        for debt in owed.values():
            if debt.id not in self.under_way:
                self._begins_to_pay(debt)
        wakes_at = self.claim.wakes_at
        if wakes_at is not None and wakes_at != self.wakes_at:
            self.wakes_at = wakes_at
            self.later(max(wakes_at - self.now, timedelta()), 2, self._timer_rings)
        if self.state.is_over:
            self.year.is_over(self)
            return
        people.look(self)

    def _begins_to_pay(self, debt: AnyDebt) -> None:
        handed = Handed(self.now, "begin", debt.id)
        self.log.append(handed)
        try:
            payment = handed.to(self.claim)
            self.steps.begins(self.claim, debt.id, payment)
        except Exception as error:
            raise Broken(self, error) from error
        self._tries(debt, payment)

    def _tries(self, debt: AnyDebt, payment: BaseModel, pause: timedelta = timedelta()) -> None:
        self.tries += 1
        self.under_way[debt.id] = self.tries
        up = self.year.world.up_at(SYSTEM_OF[debt.kind], self.now + pause)
        if debt.state == "owed" and up > self.now + FIRST_TRIES:
            self.later(FIRST_TRIES, 1, self._no_try_succeeds, debt.id, self.tries)
            return
        took = timedelta(seconds=self.dice.uniform(0.1, 30))
        self.later(up - self.now + took, 1, self._is_answered, debt.id, self.tries, payment)

    def _is_answered(self, debt_id: str, number: int, payment: BaseModel) -> None:
        debt = self._still_tried(debt_id, number)
        if debt is None:
            return
        del self.under_way[debt_id]
        result = self._answer_to(debt, payment)
        self.year.figures.paid[debt.kind] += 1
        self.hand_in("paid", debt_id, (debt.kind, result))

    def _answer_to(self, debt: AnyDebt, payment: BaseModel) -> BaseModel:
        if not isinstance(payment, Called):
            return self.year.world.answer(self.dice, debt, payment, self.now)
        try:
            answer = self.tenant.take(payment)
            if self.dice.random() < self.year.world.luck.says_it_twice:
                answer = self.tenant.take(payment)
        except Exception as error:
            raise Broken(self, error) from error
        for telling in self.tenant.news():
            to = self.tenant.lives[telling.news.to]
            to.later(timedelta(minutes=self.dice.uniform(0.01, 90)), 1, to.is_told, telling)
        return answer

    def is_told(self, telling: Telling) -> None:
        """What others of its tenant did; now and then twice."""
        if self.dice.random() < self.year.world.luck.says_it_twice and not self.state.is_over:
            self.hand_in("told", content=telling)
        gone = Heard(outcome="gone")
        heard = gone if self.state.is_over else self.hand_in("told", content=telling)
        self.tenant.was_heard(telling.news, heard)

    def _no_try_succeeds(self, debt_id: str, number: int) -> None:
        if self._still_tried(debt_id, number):
            del self.under_way[debt_id]
            self.hand_in("late", debt_id, ("no connection", None))

    def _still_tried(self, debt_id: str, number: int) -> AnyDebt | None:
        return self.state.debt(debt_id) if self.under_way.get(debt_id) == number else None

    def _timer_rings(self) -> None:
        wakes_at = self.claim.wakes_at
        if wakes_at is not None and wakes_at <= self.now:
            self.wakes_at = None
            self.hand_in("tick")

    def _worker_dies(self) -> None:
        """Another takes the claim up from what is written; half of what was tried did arrive."""
        written = self.state.model_dump_json()
        self.claim = Claim(State.model_validate_json(written))
        if self.state.model_dump_json() != written:
            raise Broken(self, AssertionError("a claim that was taken up again is another one"))
        self.year.figures.deaths += 1
        for debt_id in self.under_way:
            if debt := self.state.debt(debt_id):
                self.year.figures.copies[debt.kind] += self.dice.random() < 0.5
                payment = debt.payment(self.state, "run-1")
                self._tries(debt, payment, A_TRY_THAT_DIED)
