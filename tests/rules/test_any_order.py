"""Whatever is said, paid, refused or waited for, in whatever order: some things always hold.

What they are stands in `cpor/simulation`. A longer run, of some minutes:

    uv run pytest tests/rules/test_any_order.py --hypothesis-profile=long
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    rule,
    run_state_machine_as_test,
)
from pydantic import BaseModel
from pydantic_core import to_json

from cpor.rules import views
from cpor.rules.associations.calls import Answer
from cpor.rules.debts import AnyDebt
from cpor.rules.effects.directory import DirectoryResult
from cpor.rules.effects.events import EventResult
from cpor.rules.effects.evidence import SealResult
from cpor.rules.effects.notice import NoticeResult
from cpor.rules.effects.record import RecordResult
from cpor.rules.places import ListedPlace, Party
from tests.rules.looks import looked
from tests.rules.play import DIGEST, SECOND, said
from tests.rules.sequences import Said, Talk, one_in, place, some_opening, weighted
from tests.rules.watched import Watched

SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example)
SHORT = settings(
    derandomize=True,
    database=None,
    stateful_step_count=40,
    report_multiple_bugs=False,
    suppress_health_check=SLOW,
)
NUMBERS = st.integers(3_000_000_000, 3_000_099_999)
"""So large that no constant of the code is among them.

Hypothesis tries such constants, and the sequences would depend on which modules are loaded.
"""
STARTS = (
    datetime(2026, 3, 2, 9, tzinfo=UTC),
    datetime(2026, 3, 27, 22, 30, tzinfo=UTC),
    datetime(2026, 10, 30, 0, 0, tzinfo=UTC),
    datetime(2026, 12, 22, 16, tzinfo=UTC),
)
"""A plain Monday; before the clocks change, in spring and in autumn; before the holidays."""
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
LIFE_SO_FAR: Mapping[str, Sequence[str]] = {
    "draft": (),
    "submitted": (),
    "taken back": ("loop", "directory says no"),
    "looked at": ("paid",),
    "asked": ("paid", "request_info"),
    "answered in vain": ("paid", "request_info", "submit", "directory says no"),
    "approved": ("paid", "approve"),
    "told": ("paid", "approve", "paid"),
    "official": ("paid", "approve", "paid", "15 days"),
    "handed off": ("paid", "approve", "paid", "15 days", "paid"),
    "hand-off refused": ("paid", "approve", "paid", "15 days", "incentive engine says no"),
    "rejected": ("paid", "reject"),
    "disputed": ("paid", "reject", "dispute"),
    "asked in dispute": ("paid", "reject", "dispute", "second look"),
}
"""How far a claim may have come when the play begins."""
OFTEN_SO_FAR = ("submitted", "told", "official", "handed off", "disputed", "taken back")
NEEDS_A_DIRECTORY = ("taken back", "answered in vain")
SAID: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "request_info": ("request_info", said("request_info")),
    "submit": ("submit", said("submit")),
    "approve": ("approve", said("approve")),
    "reject": ("reject", said("reject")),
    "dispute": ("dispute", said("dispute")),
    "second look": ("request_info", said("request_info", SECOND)),
}
OFTEN = (
    *(
        "Approved",
        "official",
        "handed off",
        "recalled",
        "Disputed",
        "Rejected final",
        "disassociated",
    ),
    *(
        "declined",
        "declined after consent",
        "held",
        "escalated",
        "directory took it back",
        "overdue",
    ),
    *("recognised only", "same reviewer", "repeated", "reminded", "given up", "over"),
)
"""So far many of the sequences must get, or they show nothing; to the rest, a few."""
SOMETIMES = (
    *("dispute won", "dispute lost", "asked in dispute", "dispute over", "no answer"),
    *("never handed off", "directory asks", "more days learnt", "another place", "judged"),
)
REACHED: Counter[str] = Counter()


class AnyOrder(RuleBasedStateMachine):
    claim: Watched

    @initialize(number=NUMBERS)
    def begins(self, number: int) -> None:
        self.steps = 0
        self.opens(Random(number))

    def opens(self, dice: Random) -> None:
        """A claim of any kind that has come some way already."""
        start, depth = dice.choice(STARTS), dice.choice([*LIFE_SO_FAR, *OFTEN_SO_FAR])
        data = some_opening(dice, "CPOR-7Q2M4X", submit=depth != "draft")
        here = place(dice)
        if depth in NEEDS_A_DIRECTORY:
            here = replace(here, directory=True)
        self.claim = Watched(data, start, here)
        self.talk = Talk(dice)
        for step in LIFE_SO_FAR[depth]:
            self._lives_on(step)

    def _lives_on(self, step: str) -> None:
        match step:
            case "loop":
                self.claim.loop_runs()
            case "paid":
                self._all_is_paid()
            case "15 days":
                self._time_passes(self.claim.now + 15 * DAY)
            case "directory says no":
                self._world_says_no("directory")
            case "incentive engine says no":
                self._world_says_no("hand_off")
            case _:
                name, content = SAID[step]
                self.claim.hand_in("signal", name, [content])
                self.claim.loop_runs()

    def _world_says_no(self, kind: str) -> None:
        for debt in self.claim.claim.state.debts:
            if debt.kind == kind:
                self.claim.paid(debt, _result(debt, self.claim.now, well=False))
        self.claim.loop_runs()

    @rule(number=NUMBERS)
    def goes_on(self, number: int) -> None:
        """What comes next; likely things more often, or no claim would get far."""
        self.steps += 1
        # Hypothesis likes nothing better than zeros, which would all be the same.
        dice = Random(number or self.steps)
        if self.claim.claim.state.is_over and not one_in(dice, 4):
            self._ends()
            self.opens(dice)
        try:
            weighted(dice, LIKELY)(self, dice)
        except Exception as error:
            error.add_note(self.claim.told())
            raise

    # What is said

    def somebody_says_what_is_likely(self, dice: Random) -> None:
        self._is_told(self._talk(dice).likely(self.claim.claim), dice)

    def somebody_says_something(self, dice: Random) -> None:
        self._is_told(self._talk(dice).anything(self.claim.claim), dice)

    def somebody_says_it_again(self, dice: Random) -> None:
        self._is_told(self._talk(dice).again(self.claim.claim), dice)

    def somebody_says_what_nobody_can_read(self, dice: Random) -> None:
        self._is_told(self._talk(dice).unreadable(self.claim.claim), dice)

    def a_mail_comes_back(self, dice: Random) -> None:
        self._is_told(self._talk(dice).said(self.claim.claim, "bounced"), dice)

    def _talk(self, dice: Random) -> Talk:
        self.talk.dice = dice
        return self.talk

    def _is_told(self, message: Said, dice: Random) -> None:
        what = "signal" if message.signal else "update"
        self.claim.hand_in(what, message.name, message.payloads)
        if not one_in(dice, 4):
            self.claim.loop_runs()

    def somebody_presses_the_button_of_the_engine(self, _: Random) -> None:
        self.claim.hand_in("cancel")

    # What is paid

    def the_world_answers(self, dice: Random) -> None:
        """To some of what was asked of it, in any order."""
        self.claim.loop_runs()
        under_way = list(self.claim.under_way)
        some = len(under_way) if one_in(dice, 2) else dice.randrange(len(under_way) + 1)
        for debt_id in dice.sample(under_way, some):
            if debt := self.claim.claim.state.debt(debt_id):
                self._is_answered(debt, dice)
        if not one_in(dice, 5):
            self.claim.loop_runs()

    def the_world_agrees_to_all(self, _: Random) -> None:
        self._all_is_paid()

    def what_is_owed_no_more_is_paid_all_the_same(self, dice: Random) -> None:
        """Its activity was under way and could not be stopped in time."""
        before = self.claim.claim.state.model_dump_json()
        gone = [
            each
            for each in self.claim.claim.state.arrivals
            if not self.claim.claim.state.debt(each)
        ]
        if gone:
            result = NoticeResult(outcome=dice.choice(["accepted", "refused"]), at=self.claim.now)
            content = ("notice", result)
            self.claim.hand_in("paid", dice.choice(gone), content)
            assert self.claim.claim.state.model_dump_json() == before

    def _all_is_paid(self) -> None:
        self.claim.loop_runs()
        while self.claim.under_way:
            debt = self.claim.claim.state.debt(self.claim.under_way[0])
            assert debt is not None
            self.claim.paid(debt, _result(debt, self.claim.now))
            self.claim.loop_runs()

    def _is_answered(self, debt: AnyDebt, dice: Random) -> None:
        no = 20 if debt.kind == "directory" else 5
        match weighted(dice, {"yes": 8, "no": no, "not yet": 1, "never": 1}):
            case "not yet":
                pause = dice.choice([None, timedelta(minutes=40), 6 * HOUR])
                self.claim.late(debt, "450 try again later", pause)
            case "never":
                self.claim.parked(debt, "refused for good")
            case answer:
                took = dice.choice([timedelta(), timedelta(seconds=5), 10 * HOUR])
                at = max(debt.since, self.claim.now - took)
                printed = dice.choice([None, timedelta(), 3 * HOUR, 2 * DAY])
                result = _result(debt, at, answer == "yes", printed, one_in(dice, 6))
                self.claim.paid(debt, result)

    # What time does

    def the_timer_rings(self, dice: Random) -> None:
        """In time or late, as when no worker ran."""
        self.claim.loop_runs()
        if wake := self.claim.claim.next_wake():
            late = dice.choice([timedelta(), timedelta(), HOUR, 20 * HOUR, 9 * DAY])
            self.claim.now = max(self.claim.now, wake.at + late)
            self._ticks()
            if not one_in(dice, 5):
                self.claim.loop_runs()

    def time_passes(self, dice: Random) -> None:
        """And the timer rings whenever it should."""
        passing = dice.choice([HOUR, 20 * HOUR, 3 * DAY, 10 * DAY, 32 * DAY, 300 * DAY, 300 * DAY])
        self._time_passes(self.claim.now + passing)

    def no_worker_runs(self, dice: Random) -> None:
        """What is said next comes before the timer, however late."""
        self.claim.now += dice.choice([timedelta(seconds=1), HOUR, 20 * HOUR, 5 * DAY, 40 * DAY])

    def _time_passes(self, until: datetime) -> None:
        self.claim.loop_runs()
        while (wake := self.claim.claim.next_wake()) and wake.at <= until:
            self.claim.now = max(self.claim.now, wake.at)
            self._ticks()
            self.claim.loop_runs()
        self.claim.now = max(self.claim.now, until)

    def _ticks(self) -> None:
        self.claim.hand_in("tick")
        wake = self.claim.claim.next_wake()
        assert wake is None or wake.at > self.claim.now

    def teardown(self) -> None:
        if hasattr(self, "claim"):
            self._ends()

    def _ends(self) -> None:
        self.claim.is_told_the_same_again()
        to_json(views.record(self.claim.claim.state))
        for name in self.claim.reached:
            event(f"reached: {name}")
        REACHED.update(self.claim.reached)


PLACES: dict[Party, ListedPlace] = {
    "partner": ListedPlace(time_zone="Asia/Tokyo"),
    "customer": ListedPlace(time_zone="Asia/Kolkata"),
}
LIKELY: Mapping[Callable[[AnyOrder, Random], None], int] = {
    AnyOrder.somebody_says_what_is_likely: 16,
    AnyOrder.somebody_says_something: 4,
    AnyOrder.somebody_says_it_again: 2,
    AnyOrder.somebody_says_what_nobody_can_read: 1,
    AnyOrder.a_mail_comes_back: 1,
    AnyOrder.somebody_presses_the_button_of_the_engine: 1,
    AnyOrder.the_world_answers: 6,
    AnyOrder.the_world_agrees_to_all: 4,
    AnyOrder.what_is_owed_no_more_is_paid_all_the_same: 1,
    AnyOrder.the_timer_rings: 5,
    AnyOrder.time_passes: 3,
    AnyOrder.no_worker_runs: 2,
}


def _result(
    debt: AnyDebt,
    at: datetime,
    well: bool = True,
    printed: timedelta | None = None,
    nothing_learned: bool = False,
) -> BaseModel:
    match debt.kind:
        case "notice":
            end = at + 7 * DAY + printed if printed is not None else None
            detail = "" if well else "550 no such mailbox <lars@contoso.example>"
            outcome = "accepted" if well else "refused"
            return NoticeResult(
                outcome=outcome, at=at, detail=detail, printed_end=end, token_digest=DIGEST
            )
        case "seal":
            states = dict.fromkeys(debt.facts.files, "sealed" if well else "missing")
            return SealResult.model_validate({"states": states})
        case "look":
            return looked(debt.facts.files, well)
        case "enter":
            return Answer(outcome="entered")
        case "award":
            return Answer(outcome="granted" if well else "not_granted")
        case "release":
            return Answer(outcome="released")
        case "directory":
            if nothing_learned:
                return DirectoryResult(outcome="not checked", at=at, detail="no answer in time")
            problems = [] if well else ["The domain does not belong to the tenant."]
            outcome = "confirmed" if well else "refused"
            return DirectoryResult(
                outcome=outcome,
                at=at,
                problems=problems,
                mpn_id="4912345",
                places=PLACES if at.day % 2 else {},
            )
        case "hand_off" | "recall" | "result" | "event":
            return EventResult(outcome="taken" if well else "refused", at=at, detail="422")
        case "record":
            return RecordResult(outcome="kept" if well else "refused", at=at, detail="taken")
        case "conflict":
            raise AssertionError("a person decides")


@pytest.mark.parametrize(
    ("examples", "often", "sometimes"),
    [(15, 0, 0), pytest.param(230, 12, 4, marks=pytest.mark.thorough)],
)
def test_whatever_is_said_or_happens_in_whatever_order(
    examples: int, often: int, sometimes: int
) -> None:
    REACHED.clear()
    is_long = settings.get_current_profile_name() == "long"
    asked_for = settings() if is_long else settings(SHORT, max_examples=examples)
    run_state_machine_as_test(AnyOrder, settings=asked_for)
    wanted = {**dict.fromkeys(OFTEN, often), **dict.fromkeys(SOMETIMES, sometimes)}
    seldom = {name: REACHED[name] for name, least in wanted.items() if REACHED[name] < least}
    assert not seldom
