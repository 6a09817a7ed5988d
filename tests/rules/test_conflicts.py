"""The store knows what a claim does not, more than once."""

from __future__ import annotations

from cpor.rules.effects import conflict
from tests.rules.play import Play, consent_running, in_conflict


def told(play: Play) -> list[str]:
    return [entry.text for entry in play.claim.state.history if entry.what == "conflict"]


def test_what_is_found_while_a_claim_stands_still_is_shown_too() -> None:
    play = in_conflict(consent_running())
    play.tell("report_conflict", text="the event ready.2 that was sent", found=["ready.2"])
    debt = conflict.standing(play.claim.state)
    assert debt is not None
    assert (debt.last_answer or "").endswith("; and the event ready.2 that was sent")
    assert told(play)[1:] == ["also: the store has the event ready.2 that was sent"]


def test_the_same_again_is_said_once() -> None:
    play = in_conflict(consent_running())
    before = told(play)
    in_conflict(play)
    assert told(play) == before


def test_one_decision_is_about_all_that_was_found() -> None:
    play = in_conflict(consent_running())
    play.tell("report_conflict", text="an event", found=["ready.2"])
    play.tell("resolve_conflict")
    assert play.claim.state.decided == ["a" * 64, "ready.2"]
    assert conflict.standing(play.claim.state) is None
