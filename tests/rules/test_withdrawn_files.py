"""A wrong proof file can be taken back: it stays in the record and is not reviewed."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cpor.rules import views
from cpor.rules.lifecycle import Status
from tests.examples import PROOF_SHA256, opening, proof
from tests.rules.play import (
    REVIEWER,
    Play,
    approved,
    asked,
    draft,
    fields_of,
    handed_off,
    submitted,
    under_review,
)

OTHER = proof(b"the page with the signatures", "signed.pdf")


def withdraw(play: Play, sha256: str = PROOF_SHA256) -> None:
    play.tell("withdraw_evidence", evidence=[sha256])


def states(play: Play) -> dict[str, str]:
    return {file.name: file.state for file in play.claim.state.evidence}


@pytest.mark.parametrize("so_far", [draft, submitted, asked])
def test_a_wrong_file_can_be_taken_back_and_stays_in_the_record(
    so_far: Callable[[], Play],
) -> None:
    play = so_far()
    withdraw(play)
    assert states(play) == {"sow.pdf": "withdrawn"}
    assert views.record(play.claim.state)["evidence"][0]["state"] == "withdrawn"
    assert play.last.text == "withdrew sow.pdf"


@pytest.mark.parametrize("so_far", [draft, asked])
def test_only_withdrawn_files_are_nothing_to_submit(so_far: Callable[[], Play]) -> None:
    play = so_far()
    withdraw(play)
    play.refuses("nothing_to_review", "submit")
    play.tell("add_evidence", evidence=[OTHER])
    assert play.tell("submit").outcome == "accepted"


def test_only_withdrawn_files_are_nothing_to_approve() -> None:
    play = submitted()
    withdraw(play)
    refused = play.refuses("nothing_to_review", "approve")
    assert refused.text == (
        "no proof file is there: all are missing, were changed or were withdrawn"
    )
    assert play.tell("request_info").status is Status.PARTNER_ACTION


def test_a_reviewer_who_has_not_seen_it_decides_again() -> None:
    play = Play(opening(evidence=[proof(), OTHER]))
    seen = play.last.seq
    withdraw(play)
    play.refuses("changed_since", "approve", by=REVIEWER, seen=seen)


def test_the_store_s_late_answer_does_not_bring_it_back() -> None:
    play = Play(opening(evidence=[proof(), OTHER]))
    withdraw(play)
    play.sealed()
    assert states(play) == {"sow.pdf": "withdrawn", "signed.pdf": "sealed"}


def test_nobody_is_troubled_by_a_withdrawn_file_that_cannot_be_found() -> None:
    play = Play(opening(evidence=[proof(), OTHER]))
    withdraw(play)
    play.sealed(sow="missing")
    assert play.debts("evidence_problem") == []


def test_taken_back_twice_is_taken_back_once() -> None:
    play = submitted()
    withdraw(play)
    before = len(play.claim.state.history)
    receipt = play.tell("withdraw_evidence", evidence=[PROOF_SHA256])
    assert receipt.text == "Withdrawn already; nothing is changed."
    assert len(play.claim.state.history) == before


def test_a_file_taken_back_by_mistake_is_added_again() -> None:
    play = submitted()
    play.sealed()
    withdraw(play)
    play.tell("add_evidence", evidence=[proof()])
    play.sealed()
    assert states(play) == {"sow.pdf": "sealed"}


def test_a_file_of_nobody_cannot_be_taken_back() -> None:
    refused = submitted().refuses("invalid", "withdraw_evidence", evidence=[PROOF_SHA256, "b" * 64])
    assert fields_of(refused) == {"evidence.1": "is no file of this claim"}


def test_under_review_no_file_can_be_taken_back() -> None:
    refused = under_review().refuses("not_editable", "withdraw_evidence")
    assert refused.text.startswith("no evidence may be withdrawn in Under review")


@pytest.mark.parametrize("so_far", [approved, handed_off])
def test_an_approval_keeps_a_file_to_rest_on(so_far: Callable[[], Play]) -> None:
    play = so_far()
    play.refuses("nothing_to_review", "withdraw_evidence")
    play.tell("add_evidence", evidence=[OTHER])
    withdraw(play)
    play.refuses("nothing_to_review", "withdraw_evidence", evidence=[OTHER["sha256"]])


def test_the_reviewers_mail_counts_and_names_what_is_left() -> None:
    play = asked()
    play.tell("add_evidence", evidence=[OTHER])
    withdraw(play)
    play.tell("submit")
    (mail,) = (each for each in play.pay() if each.kind == "to_review")
    assert mail.facts["files"] == 1
    assert mail.facts["changes"] == ["added signed.pdf", "withdrew sow.pdf"]
