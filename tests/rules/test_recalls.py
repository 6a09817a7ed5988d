"""What was handed on is recalled when the association ends; what was not, never is."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from cpor.rules.effects import hand_off
from cpor.rules.effects.events import Event, EventResult
from tests.examples import PROOF_SHA256, dynamics_opening
from tests.rules.play import DAY, Play, handed_off, kinds, lapsed

ENDED_BY = pytest.mark.parametrize("ending", ["disassociate", "decline"])
REVENUE: dict[str, Any] = {"program": "osa-sell", "activity": "revenue-association"}


def events(play: Play) -> list[Event]:
    return [payment for payment in play.paid if isinstance(payment, Event)]


def begin(play: Play) -> Event:
    """The hand-off is sent; what comes of it is not known yet."""
    event = play.claim.begin(play.debt("hand_off"), "run-1")
    assert isinstance(event, Event)
    return event


def take(play: Play, what: str) -> None:
    play.answer(play.debt(what), EventResult(outcome="taken", at=play.now))


# The hand-off that was under way


@ENDED_BY
def test_a_hand_off_that_was_not_started_is_crossed_off_and_nothing_is_recalled(
    ending: str,
) -> None:
    play = lapsed(edition="2023")
    play.tell(ending)
    play.pay()
    assert (events(play), play.claim.state.eligibility) == ([], "none")
    assert play.claim.state.is_over
    play.refuses("wrong_status", "eligibility_result")


@ENDED_BY
def test_a_hand_off_that_was_started_goes_on_and_the_recall_follows_once_it_was_taken(
    ending: str,
) -> None:
    play = lapsed(edition="2023")
    started = begin(play)
    play.tell(ending)
    play.pay("declined", "disassociated")
    assert play.debt("hand_off").id == started.id
    assert play.debts("recall") == []
    take(play, "hand_off")
    assert play.claim.state.eligibility == "sent"
    take(play, "recall")
    assert play.claim.state.eligibility == "recalled"


def test_the_partner_is_not_told_of_a_hand_off_taken_after_the_end() -> None:
    play = lapsed()
    begin(play)
    play.tell("disassociate")
    assert "handed_off → partner" not in kinds(play.pay())
    assert [event.type for event in events(play)] == [
        "cpor.claim.ready-for-eligibility",
        "cpor.claim.recalled",
    ]


@ENDED_BY
def test_a_parked_hand_off_is_crossed_off_and_the_history_says_so(ending: str) -> None:
    play = lapsed(edition="2023")
    play.pay(refused=["hand_off"])
    play.tell(ending)
    assert play.debts("hand_off") + play.debts("recall") == []
    assert len(play.entries("crossed_off")) == 1
    play.pay()
    assert (play.claim.state.is_over, play.claim.state.eligibility) == (True, "none")


def test_a_late_hand_off_goes_on_and_is_recalled_once_taken() -> None:
    play = lapsed()
    begin(play)
    play.claim.late(play.debt("hand_off").id, "connection refused", play.now)
    play.tell("disassociate")
    assert play.debt("hand_off").state == "late"
    play.pay()
    assert (play.claim.state.eligibility, play.claim.state.is_over) == ("recalled", True)


def test_a_late_hand_off_that_is_refused_in_the_end_was_never_handed_on() -> None:
    play = lapsed()
    begin(play)
    play.claim.late(play.debt("hand_off").id, "connection refused", play.now)
    play.tell("disassociate")
    play.pay(refused=["hand_off"])
    assert (play.claim.state.eligibility, play.claim.state.is_over) == ("none", True)
    assert len(play.entries("crossed_off")) == 1


# The recall


@pytest.mark.parametrize(
    ("ending", "reason"), [("disassociate", "disassociated"), ("decline", "customer_decline")]
)
def test_a_recall_says_the_same_as_the_hand_off_and_what_it_recalls_and_why(
    ending: str, reason: str
) -> None:
    play = handed_off(edition="2023")
    play.tell("add_evidence")
    play.tell(ending)
    play.pay()
    ready, recalled = events(play)
    assert recalled.type == "cpor.claim.recalled"
    assert recalled.data == {**ready.data, "recalls": ready.id, "reason": reason}
    assert recalled.data["evidence"] == [PROOF_SHA256]
    assert (ready.id, recalled.id) == ("CPOR-7Q2M4X.ready.1", "CPOR-7Q2M4X.recalled.1")


def test_a_result_stands_until_the_recall_was_taken() -> None:
    play = handed_off()
    play.tell("eligibility_result", outcome="eligible")
    play.tell("disassociate")
    assert play.claim.state.eligibility == "eligible"
    take(play, "recall")
    assert play.claim.state.eligibility == "recalled"


def test_a_claim_ends_only_when_its_recall_is_settled() -> None:
    play = handed_off()
    play.tell("disassociate")
    play.pay(refused=["recall"])
    play.wait(until=play.now + 90 * DAY)
    assert (play.debt("recall").state, play.claim.state.is_over) == ("parked", False)
    assert play.claim.state.eligibility == "sent"
    assert play.tell("retry").text == "Tried again: recall → incentive engine."
    play.pay()
    assert (play.claim.state.eligibility, play.claim.state.is_over) == ("recalled", True)


@ENDED_BY
@pytest.mark.parametrize("outcome", ["eligible", "not_eligible"])
def test_a_late_result_is_written_down_and_changes_nothing(ending: str, outcome: str) -> None:
    play = handed_off(edition="2023")
    play.tell(ending)
    play.pay("declined", "disassociated")
    play.tell("eligibility_result", outcome=outcome, note="Late, sorry.")
    assert play.last.what == "eligibility_result"
    assert (outcome in play.last.text, "Late, sorry." in play.last.text) == (True, True)
    assert play.claim.state.eligibility == "sent"
    assert play.pay() == []
    assert (play.claim.state.eligibility, play.claim.state.is_over) == ("recalled", True)


# A result shows that the hand-off arrived, whatever its delivery was answered


def judged(play: Play) -> None:
    play.tell("eligibility_result", outcome="eligible")


def parked(play: Play) -> None:
    """The receiver has it, and yet answers 4xx; or had answered so before."""
    for debt in play.debts("hand_off"):
        play.park(debt)


def late(play: Play) -> None:
    for debt in play.debts("hand_off"):
        play.claim.late(debt.id, "connection refused", play.now, timedelta(minutes=40))


def retried(play: Play) -> None:
    play.tell("retry")


def ended(play: Play) -> None:
    play.tell("disassociate")


@pytest.mark.parametrize("order", [
    *itertools.permutations([judged, ended, parked]),
    *itertools.permutations([judged, ended, late]),
    (parked, retried, judged, ended),
    (parked, judged, retried, ended),
    (parked, retried, ended, judged),
    (late, judged, ended, parked),
    (late, ended, parked, judged),
    (judged, parked, ended, retried),
])  # fmt: skip
def test_whoever_was_judged_and_ended_is_recalled_in_whatever_order(
    order: Sequence[Callable[[Play], None]],
) -> None:
    play = lapsed()
    ready = begin(play)
    for happens in order:
        happens(play)
    assert hand_off.is_recalled(play.claim.state)
    assert play.debt("recall").facts == {
        **ready.data, "recalls": ready.id, "reason": "disassociated",
    }  # fmt: skip
    play.pay()
    assert [event.type for event in events(play)] == ["cpor.claim.recalled"]
    assert (play.claim.state.eligibility, play.claim.state.is_over) == ("recalled", True)


def test_a_result_of_what_was_never_sent_is_refused() -> None:
    lapsed().refuses("wrong_status", "eligibility_result")


def test_the_mails_of_an_end_say_what_becomes_of_the_hand_off() -> None:
    for happens, is_recalled in ((judged, True), (late, True), (parked, False)):
        play = lapsed()
        begin(play)
        happens(play)
        play.tell("disassociate")
        mails = play.pay("disassociated")
        assert {mail.facts["recalled"] for mail in mails} == {is_recalled}


# Recognition only


def test_a_revenue_association_is_official_and_has_nothing_to_recall() -> None:
    play = Play(dynamics_opening(**REVENUE))
    play.tell("approve")
    play.pay()
    play.wait(until=play.now + 7 * DAY)
    assert play.claim.state.official_since == play.now
    play.tell("disassociate")
    told = play.pay()
    assert not any(mail.facts["recalled"] for mail in told)
    assert (events(play), play.claim.state.eligibility, play.claim.state.is_over) == (
        [],
        "none",
        True,
    )
