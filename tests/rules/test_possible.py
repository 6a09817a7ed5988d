"""What a claim says is possible is what it takes, in every state that it may be in."""

from __future__ import annotations

import pytest

from cpor.rules import views
from cpor.rules.facts import MOST_FILES
from cpor.rules.possible import Possible, possible
from tests.examples import opening
from tests.rules.play import Play, asked, disputed, draft, submitted, withdrawn
from tests.rules.possibilities import what_may_be_said_is_what_is_taken
from tests.rules.stages import STAGES


def of(play: Play, message: str, role: str) -> Possible | None:
    found = [
        each for each in possible(play.claim.state) if (each.message, each.role) == (message, role)
    ]
    return found[0] if found else None


@pytest.mark.parametrize("stage", STAGES)
def test_in_each_state_each_message_is_accepted_exactly_if_it_is_possible(stage: str) -> None:
    _, so_far, _ = STAGES[stage]
    what_may_be_said_is_what_is_taken(so_far().claim)


def test_the_query_claim_says_it() -> None:
    play = asked()
    assert views.view(play.claim.state).possible == possible(play.claim.state)
    submit = of(play, "submit", "partner")
    assert submit is not None
    assert (submit.fields, submit.partner_roles) == (
        ["comment"],
        ["incentives_admin", "billing_admin", "global_admin"],
    )


def test_an_edit_names_the_fields_that_may_be_changed() -> None:
    play = asked()
    edit = of(play, "edit", "partner")
    assert edit is not None
    assert edit.fields == [each for each in play.claim.state.editable if each != "evidence"]


def test_only_a_reviewer_is_offered_a_comment_between_reviewers() -> None:
    play = submitted()
    fields = {role: of(play, "comment", role) for role in ("partner", "reviewer")}
    assert {role: each and each.fields for role, each in fields.items()} == {
        "partner": ["text"],
        "reviewer": ["text", "internal"],
    }


def test_without_proof_there_is_nothing_to_submit() -> None:
    assert of(Play(opening(evidence=[], submit=False)), "submit", "partner") is None
    assert of(draft(), "submit", "partner") is not None


def test_where_all_proof_is_missing_there_is_nothing_to_approve() -> None:
    play = Play(opening())
    play.sealed(sow="missing")
    assert of(play, "approve", "reviewer") is None
    assert of(play, "reject", "reviewer") is not None


def test_of_as_many_files_as_there_may_be_a_missing_one_can_be_sent_again() -> None:
    files = [
        {"sha256": f"{number:064}", "name": f"file{number}.pdf", "media_type": "x/y", "size": 1}
        for number in range(MOST_FILES)
    ]
    play = Play(opening(evidence=files))
    play.sealed()
    assert of(play, "add_evidence", "partner") is None
    missing = Play(opening(evidence=files))
    missing.sealed(file0="missing")
    assert of(missing, "add_evidence", "partner") is not None
    missing.tell("add_evidence", evidence=files[:1])


def test_more_time_is_offered_on_the_clocks_that_can_have_it() -> None:
    extend = of(disputed(), "extend", "operator")
    assert extend is not None
    assert extend.clocks == ["dispute_answer"]


def test_to_a_claim_that_is_over_nothing_can_be_said_any_more() -> None:
    play = withdrawn()
    assert [each.message for each in possible(play.claim.state)] == [
        "retry",
        "report_conflict",
        "bounced",
    ]
    play.pay()
    assert play.claim.state.is_over
    assert views.view(play.claim.state).possible == []
    assert views.record(play.claim.state)["possible"] == []
