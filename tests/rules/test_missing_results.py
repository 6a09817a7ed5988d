"""The incentive engine has the hand-off and does not answer: somebody has to notice."""

from __future__ import annotations

from typing import Any

import pytest

from cpor.rules.effects.events import Event, EventResult
from cpor.rules.effects.result import ASKED_AGAIN
from tests.examples import OPERATOR
from tests.rules.play import DAY, Play, lapsed

WEEK = 7 * DAY
READY = "CPOR-7Q2M4X.ready.1"


def handed_off(days: int = 5, **opened: Any) -> Play:
    play = lapsed(**opened)
    play.claim.state.result_days = days
    play.pay()
    assert play.claim.state.eligibility == "sent"
    return play


def asked(play: Play) -> list[Event]:
    found = [each for each in play.paid if isinstance(each, Event)]
    return [each for each in found if each.type == ASKED_AGAIN]


def test_after_five_business_days_without_a_result_the_engine_is_asked_by_the_first_event() -> None:
    play = handed_off()
    play.wait(play.now + 4 * DAY)
    assert (asked(play), play.claim.state.owes_late) == ([], False)
    play.wait(play.now + 4 * DAY)
    (event,) = asked(play)
    assert event.id == "CPOR-7Q2M4X.asked.1"
    assert event.data == {**play.claim.state.handed_over, "asks_again": READY}
    (entry,) = play.entries("asked_again")
    assert entry.text == (
        "no result 5 business days after the hand-off: the incentive engine is asked again"
    )


def test_from_then_on_it_is_seen_as_owed_and_asked_again_under_another_id() -> None:
    play = handed_off()
    play.wait(play.now + WEEK + DAY)
    since = play.debt("result").since
    play.wait(play.now + 2 * WEEK + 2 * DAY)
    assert [event.id for event in asked(play)] == [
        f"CPOR-7Q2M4X.asked.{number}" for number in (1, 2, 3)
    ]
    debt = play.debt("result")
    assert (debt.state, debt.since, debt.last_answer) == (
        "late",
        since,
        "CPOR-7Q2M4X.asked.3 was taken, and is not answered yet",
    )
    assert play.claim.state.owes_late
    assert len(play.entries("asked_again")) == 1


@pytest.mark.parametrize("outcome", ["eligible", "not_eligible"])
@pytest.mark.parametrize("days", [1, 8])
def test_a_result_ends_it(outcome: str, days: int) -> None:
    play = handed_off()
    play.wait(play.now + days * DAY)
    play.tell("eligibility_result", outcome=outcome)
    assert (play.debts("result"), play.claim.state.owes_late) == ([], False)
    before = asked(play)
    play.wait(play.now + 3 * WEEK)
    assert asked(play) == before


@pytest.mark.parametrize("days", [1, 8])
def test_nobody_is_asked_about_an_association_that_has_ended(days: int) -> None:
    play = handed_off()
    play.wait(play.now + days * DAY)
    play.tell("disassociate")
    before = asked(play)
    play.pay()
    assert play.claim.state.is_over
    assert asked(play) == before


def test_a_result_that_comes_before_the_answer_to_the_hand_off_leaves_nothing_to_ask() -> None:
    play = lapsed()
    play.claim.state.result_days = 5
    play.claim.begin(play.debt("hand_off"), "run-1")
    play.tell("eligibility_result")
    play.wait(play.now + 3 * WEEK)
    assert asked(play) == []


def test_a_result_that_comes_while_the_question_is_on_its_way_is_not_asked_for_again() -> None:
    play = handed_off()
    play.now = play.claim.state.result_due_at or play.now
    play.tick()
    debt = play.debt("result")
    play.claim.begin(debt, "run-1")
    play.tell("eligibility_result")
    play.answer(debt, EventResult(outcome="taken", at=play.now))
    assert play.debts("result") == []


def test_an_operator_has_it_asked_at_once() -> None:
    play = handed_off()
    play.wait(play.now + WEEK + DAY)
    play.tell("retry", by=OPERATOR)
    play.pay()
    assert [event.id for event in asked(play)][-1] == "CPOR-7Q2M4X.asked.2"


def test_with_zero_days_nobody_is_asked() -> None:
    play = handed_off(days=0)
    play.wait(play.now + 10 * WEEK)
    assert asked(play) == []


def test_an_engine_that_refuses_the_question_has_it_parked() -> None:
    play = handed_off()
    play.now = play.claim.state.result_due_at or play.now
    play.tick()
    play.pay(refused=["result"])
    assert play.debt("result").state == "parked"
    play.tell("eligibility_result")
    assert play.debts("result") == []
