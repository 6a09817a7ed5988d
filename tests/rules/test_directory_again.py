"""The directory's answer is about what it was asked: an edit asks again."""

from __future__ import annotations

import pytest

from cpor.rules import current_details, views
from cpor.rules.effects.directory import DirectoryQuestion, DirectoryResult
from cpor.rules.lifecycle import Status
from tests.examples import opening
from tests.rules.play import Play, kinds

NEW_MPN = {"mpn_id": "7654321"}
LIV = {"name": "Liv Ek", "email": "liv@contoso.example"}


def confirmed() -> Play:
    play = Play(opening(), directory=True)
    play.pay()
    assert play.claim.state.directory == "confirmed"
    return play


def questions(play: Play) -> list[DirectoryQuestion]:
    return [each for each in play.paid if isinstance(each, DirectoryQuestion)]


@pytest.mark.parametrize("changes", [NEW_MPN, {"products": [{"name": "Teams"}]}])
def test_an_edit_of_what_it_answers_for_asks_again(changes: dict[str, object]) -> None:
    play = confirmed()
    play.tell("edit", changes=changes)
    assert views.view(play.claim.state).directory == "changed"
    assert "not confirmed since the change" in current_details.details(play.claim.state)
    play.pay()
    assert len(questions(play)) == 2
    assert views.view(play.claim.state).directory == "confirmed"


def test_an_edit_of_something_else_asks_nobody() -> None:
    play = confirmed()
    play.tell("edit", changes={"partner_contact": LIV})
    play.pay()
    assert (len(questions(play)), play.claim.state.directory) == (1, "confirmed")


def test_the_answer_to_the_old_question_is_void() -> None:
    play = Play(opening(), directory=True)
    old = play.debt("directory")
    play.claim.begin(old, "run-1")
    play.tell("edit", changes=NEW_MPN)
    play.answer(old, DirectoryResult(outcome="confirmed", at=play.now))
    assert play.claim.state.directory == "changed"
    assert play.debt("directory").id != old.id


def test_an_approval_waits_for_no_directory() -> None:
    play = confirmed()
    play.tell("edit", changes=NEW_MPN)
    assert play.tell("approve").status is Status.APPROVED
    assert play.claim.state.directory == "changed"
    play.pay()
    assert play.claim.state.directory == "confirmed"


def test_a_no_before_the_decision_is_one_more_question_to_the_partner() -> None:
    play = confirmed()
    play.tell("edit", changes=NEW_MPN)
    play.pay(refused=["directory"])
    assert play.claim.state.status is Status.PARTNER_ACTION
    assert play.claim.state.directory == "not_confirmed"


def test_a_no_to_an_edit_before_anybody_was_told_takes_the_submission_back() -> None:
    play = Play(opening(), directory=True)
    play.tell("edit", changes=NEW_MPN)
    sent = play.pay(refused=["directory"])
    assert play.claim.state.status is Status.EDITING
    assert kinds(sent) == ["submission_refused → partner"]


def test_what_is_edited_for_an_answer_is_asked_about_with_the_answer() -> None:
    play = confirmed()
    play.tell("request_info")
    play.pay()
    play.tell("edit", changes=NEW_MPN)
    play.pay()
    assert (len(questions(play)), play.claim.state.directory) == (1, "changed")
    play.tell("submit")
    assert play.claim.state.directory == "changed"
    play.pay()
    assert (len(questions(play)), play.claim.state.directory) == (2, "confirmed")


def test_an_answer_while_the_partner_is_asked_says_nothing_about_what_was_edited_since() -> None:
    play = Play(opening(), directory=True)
    old = play.debt("directory")
    play.claim.begin(old, "run-1")
    play.tell("request_info")
    play.tell("edit", changes=NEW_MPN)
    play.answer(old, DirectoryResult(outcome="confirmed", at=play.now))
    assert play.claim.state.directory == "changed"


def test_without_a_directory_an_edit_says_nothing_new() -> None:
    play = Play(opening())
    play.pay()
    before = len(play.entries("directory"))
    play.tell("edit", changes=NEW_MPN)
    assert (len(play.entries("directory")), play.claim.state.directory) == (before, "not_checked")


def test_a_draft_asks_nobody() -> None:
    play = Play(opening(submit=False), directory=True)
    play.tell("edit", changes=NEW_MPN)
    assert play.debts("directory") == []
