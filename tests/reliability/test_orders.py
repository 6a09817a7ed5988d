"""Every pair of messages, in both orders, around the end of every clock, in each status.

All of them: `uv run pytest --thorough tests/reliability/test_orders.py`. Otherwise every 37th pair.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, get_args

import pytest

from cpor.rules.claim import Claim
from cpor.rules.deadlines import ClockName
from cpor.rules.messages import MESSAGES, Receipt
from cpor.rules.state import State
from cpor.simulation.always import ALWAYS
from cpor.simulation.before import Before
from cpor.simulation.handed import Handed
from cpor.simulation.steps import Steps
from tests.rules.play import SAYS, SECOND, said
from tests.rules.stages import STAGES

ONE_SECOND = timedelta(seconds=1)
ORDERS: dict[str, Sequence[str]] = {
    "both before the end": ("first", "second", "end"),
    "the end between them": ("first", "end", "second"),
    "both after the end": ("end", "first", "second"),
    "both late, as while no worker ran, and the timer last": (
        "ring late",
        "first",
        "second",
        "end",
    ),
}
JUDGEMENTS = {"approve", "reject", "request_info"}
EVERY = 37
CLOCKS: dict[str, Sequence[ClockName]] = {
    "submitted": ("wait_for_review", "overall"),
    "under review": ("review", "overall"),
    "asked for more": ("answer",),
    "approved, window open": ("consent",),
    "submitted in 2023": ("wait_for_review",),
    "asked for more in 2023": ("answer",),
    "rejected": ("dispute",),
    "disputed": ("dispute_answer",),
    "asked in a dispute": ("answer",),
    "approved, in conflict": ("consent",),
}
"""The clocks that run in each stage; where none does, there is no end to be early or late for."""
ENDS = [(stage, clock) for stage, clocks in CLOCKS.items() for clock in clocks]


@dataclass
class Told:
    """A claim that is told things, each step looked at; can be copied, to go on in other ways."""

    claim: Claim
    steps: Steps
    now: datetime
    receipts: dict[str, Receipt]

    @classmethod
    def of(cls, claim: Claim, now: datetime) -> Told:
        """As if all its steps so far had been looked at."""
        steps, state = Steps(ALWAYS), claim.state
        steps.outcomes.update(each.receipt.outcome for each in state.receipts.values())
        steps.arrived |= {
            each.notice_id for each in state.asked.values() if each.state == "accepted"
        }
        steps.taken += ["hand_off"] if state.handed_off_at else []
        steps.second_look = state.in_dispute
        steps.judge = state.dispute.not_by if state.dispute else state.judge
        return cls(_copied(claim), steps, now, {})

    def copy(self) -> Told:
        return Told(_copied(self.claim), copy.deepcopy(self.steps), self.now, dict(self.receipts))

    def happens(self, what: str, place: str, name: str) -> None:
        self.now += ONE_SECOND
        handed = Handed(self.now, "tick")
        if what == "said":
            handed = Handed(self.now, "signal", name, [self.content(place, name)])
        before = Before.of(self.claim.state)
        answer = handed.to(self.claim)
        self.steps.happened(self.claim, before, handed, answer)
        if what == "said":
            self.receipts[f"{place}: {name}"] = answer

    def content(self, place: str, name: str) -> dict[str, Any]:
        """A dispute is judged by somebody else than the first judgement."""
        is_second = self.steps.second_look and SAYS[name]["role"] == "reviewer"
        return {"id": f"m-{place}", **said(name, SECOND if is_second else None)}

    @property
    def accepted(self) -> list[str]:
        found = self.receipts.items()
        return [name.partition(": ")[2] for name, each in found if each.outcome == "accepted"]


def _copied(claim: Claim) -> Claim:
    return Claim(State.model_validate_json(claim.state.model_dump_json()))


def just_before_the_end(stage: str, clock: ClockName) -> Told:
    _, begin, _ = STAGES[stage]
    play = begin()
    end = play.clock(clock).end
    assert end is not None
    play.wait(end - 5 * ONE_SECOND)
    return Told.of(play.claim, end - 5 * ONE_SECOND)


def walk(told: Told, order: Sequence[str], place: int, pair: tuple[str, str]) -> Iterator[Told]:
    """Step by step from there; yields the claim after the last."""
    for step in order[place:]:
        match step:
            case "end":
                told.now = told.now + 5 * ONE_SECOND
                told.happens("tick", "", "")
            case "ring late":
                told.now += timedelta(days=2)
            case _:
                told.happens("said", step, pair[step == "second"])
    yield told


def pairs(all_of_them: bool) -> Iterator[tuple[str, str]]:
    found = [(first, second) for first in MESSAGES for second in MESSAGES]
    return iter(found if all_of_them else found[::EVERY])


@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.parametrize(("stage", "clock"), ENDS)
@pytest.mark.parametrize(
    "all_of_them", [False, pytest.param(True, marks=pytest.mark.thorough)], ids=["some", "all"]
)
def test_two_messages_around_an_end_get_one_receipt_each_and_one_judgement_wins(
    order: str, stage: str, clock: ClockName, all_of_them: bool
) -> None:
    steps = ORDERS[order]
    split = steps.index("second")
    start = just_before_the_end(stage, clock)
    known: dict[str, Told] = {}
    for first, second in pairs(all_of_them):
        if first not in known:
            known = {first: start.copy()}
            for _ in walk(known[first], steps[:split], 0, (first, second)):
                pass
        for told in walk(known[first].copy(), steps, split, (first, second)):
            assert len(told.receipts) == 2, (first, second)
            judged = [name for name in told.accepted if name in JUDGEMENTS]
            assert len(judged) <= 1, (first, second)
            kept = {each.receipt.id: each.receipt for each in told.claim.state.receipts.values()}
            assert kept["m-first"] == told.receipts[f"first: {first}"]
            assert kept["m-second"] == told.receipts[f"second: {second}"]


def test_each_clock_of_the_rules_ends_in_some_stage() -> None:
    assert {clock for _, clock in ENDS} == {*get_args(ClockName)}
