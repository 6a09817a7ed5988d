"""The plot: what is taken in which status, from whom, and what comes of it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import get_args

import pytest

from cpor.rules.claim import Claim
from cpor.rules.errors import Refused
from cpor.rules.facts import Role
from cpor.rules.lifecycle import Status, lifecycle
from cpor.rules.messages import MESSAGES
from cpor.rules.state import State
from tests.examples import OPERATOR
from tests.rules.play import (
    DAY,
    MONDAY,
    NEEDS,
    Play,
    asked,
    draft,
    kinds,
    said,
    submitted,
    under_review,
)
from tests.rules.stages import STAGES

LETTERS = {
    "E": Status.EDITING,
    "S": Status.SUBMITTED,
    "U": Status.UNDER_REVIEW,
    "P": Status.PARTNER_ACTION,
    "A": Status.APPROVED,
    "R": Status.REJECTED,
    "D": Status.DISPUTED,
    "F": Status.REJECTED_FINAL,
    "*": None,
}

DECLINED = "declined>customer declined>partner declined>reviewers"

# The same plot written a second time, by what is heard instead of by status, so that no cell of
# the table can change by accident.
PLOT: dict[str, list[tuple[str, str, str, str, str]]] = {
    #                 where    who                 provided        becomes  tells
    "edit": [("ESUPAD", "partner", "", "", "")],
    "add_evidence": [("ESUPAD", "partner", "", "", "")],
    "withdraw_evidence": [("ESUPAD", "partner", "", "", "")],
    "comment": [
        ("ESUPAD", "partner reviewer", "", "", "commented>other side"),
        ("R", "partner reviewer", "disputable", "", "commented>other side"),
    ],
    "submit": [
        ("E", "partner", "", "S", "submitted>partner to_review>reviewers question>directory"),
        ("P", "partner", "in dispute", "D", "to_review>reviewers question>directory"),
        ("P", "partner", "", "US", "to_review>reviewers question>directory"),
    ],
    "start_review": [("S", "reviewer", "", "U", "")],
    "request_info": [("SUD", "reviewer", "", "P", "info_requested>partner")],
    "approve": [
        ("SU", "reviewer", "", "A", "consent>customer approved>partner"),
        ("D", "reviewer", "", "A", "consent>customer dispute_decided>partner"),
    ],
    "reject": [
        ("SU", "reviewer", "", "R", "rejected>partner"),
        ("D", "reviewer", "", "F", "dispute_decided>partner"),
    ],
    "withdraw": [
        ("E", "partner", "", "R", "withdrawn>partner"),
        ("SUPD", "partner", "", "R", "withdrawn>partner withdrawn>reviewers"),
        (
            "A",
            "partner",
            "consent open",
            "R",
            "withdrawn>partner withdrawn>reviewers withdrawn>customer",
        ),
    ],
    "decline": [
        ("A", "operator", "in conflict", "R", DECLINED),
        ("A", "customer operator", "consent open", "R", DECLINED),
        ("A", "customer operator", "no still counts", "R", DECLINED),
        ("A", "customer operator older link", "", "", "objected>reviewers objected>lead"),
    ],
    "confirm_contact": [("SUAD", "reviewer", "unconfirmed", "", "")],
    "end_association": [
        (
            "A",
            "reviewer",
            "doubted",
            "RF",
            "association_ended>partner association_ended>customer",
        )
    ],
    "keep_association": [
        ("A", "reviewer", "objected", "", "association_kept>customer"),
        ("A", "reviewer", "doubted", "", ""),
    ],
    "contact unconfirmed": [("A", "address check", "", "", "confirm_contact>reviewers")],
    "request refused": [("P", "mail server", "", "", "unreached>reviewers")],
    "nobody acts": [
        ("SUD", "clock", "", "", "overdue>lead"),
        ("P", "clock", "", "", "unreached>lead"),
        ("A", "clock", "objected", "", "objected>lead"),
        ("A", "clock", "unconfirmed", "", "confirm_contact>lead"),
        ("A", "clock", "", "", "doubted>lead"),
    ],
    "dispute": [("R", "partner", "disputable", "D", "disputed>partner to_review>reviewers")],
    "disassociate": [
        (
            "A",
            "partner",
            "official",
            "RF",
            "disassociated>partner disassociated>customer disassociated>reviewers",
        )
    ],
    "assign": [("SUPD", "operator", "", "", "assigned>reviewers")],
    "extend": [
        ("SUPD", "operator", "", "", "extended>whose deadline"),
        ("A", "operator", "consent open", "", "extended>whose deadline"),
        ("R", "operator", "disputable", "", "extended>whose deadline"),
    ],
    "retry": [("*", "operator", "", "", "")],
    "report_conflict": [("*", "operator", "", "", "")],
    "resolve_conflict": [
        ("*", "operator", "in conflict", "", ""),
    ],
    "bounced": [("*", "system", "", "", "undeliverable>reviewers")],
    "eligibility_result": [
        ("A", "system", "handed off", "", "eligibility>partner"),
        ("RF", "system", "handed off", "", ""),
    ],
    "wait_for_review ends": [("S", "clock", "", "", "overdue>lead")],
    "review ends": [("U", "clock", "", "", "overdue>lead")],
    "overall ends": [("SU", "clock", "", "", "overdue>lead")],
    "answer ends": [
        ("P", "clock", "in dispute", "F", "dispute_decided>partner"),
        ("P", "clock", "", "R", "rejected>partner"),
    ],
    "consent ends": [("A", "clock", "", "", "official>partner hand_off>incentive engine")],
    "dispute ends": [("R", "clock", "", "", "")],
    "dispute_answer ends": [("D", "clock", "", "", "overdue>lead")],
    "wait_for_review soon ends": [("S", "clock", "", "", "reminder>reviewers")],
    "review soon ends": [("U", "clock", "", "", "reminder>reviewers")],
    "answer soon ends": [("P", "clock", "", "", "reminder>partner")],
    "dispute_answer soon ends": [("D", "clock", "", "", "reminder>reviewers")],
    "directory says no": [
        ("SU", "directory", "first submission", "E", "submission_refused>partner"),
        ("SUD", "directory", "", "P", "info_requested>partner"),
        ("A", "directory", "", "", "doubted>reviewers"),
    ],
    "notice refused": [
        ("A", "mail server", "", "", "undeliverable>partner undeliverable>reviewers")
    ],
    "notice unheard": [("A", "clock", "", "", "escalated>lead escalated>operators")],
    "hand-off taken": [("A", "incentive engine", "", "", "handed_off>partner")],
    "award lost": [
        ("A", "associations", "out of a dispute", "D", "to_review>reviewers contested>partner"),
        ("A", "associations", "", "U", "to_review>reviewers contested>partner"),
    ],
    "displaced": [("A", "associations", "", "RF", "rejected>partner association_ended>customer")],
    "item free": [("SUD", "associations", "", "", "item_free>reviewers")],
    "file unusable": [
        (
            "A",
            "store",
            "dispute unchecked",
            "D",
            "evidence_problem>partner evidence_problem>reviewers",
        ),
        (
            "A",
            "store",
            "proof unchecked",
            "U",
            "evidence_problem>partner evidence_problem>reviewers",
        ),
        ("*", "store", "", "", "evidence_problem>partner evidence_problem>reviewers"),
    ],
    "file refused": [("*", "proof reader", "", "", "evidence_problem>partner")],
}
RUNS = {
    "E": ("", ""),
    "S": ("wait_for_review overall", ""),
    "U": ("review overall", ""),
    "P": ("answer", "review overall dispute_answer"),
    "A": ("consent", ""),
    "R": ("dispute", ""),
    "D": ("dispute_answer", ""),
    "F": ("", ""),
}


OF_TWO_WORDS = ("mail server", "incentive engine", "older link", "address check", "proof reader")


def rows() -> Iterator[tuple[object, ...]]:
    for hears, cells in PLOT.items():
        for where, who, provided, becomes, tells in cells:
            for letter in where:
                yield (
                    LETTERS[letter],
                    hears,
                    (who,) if who in OF_TWO_WORDS else tuple(_sources(who)),
                    provided,
                    tuple(LETTERS[each] for each in becomes),
                    tuple(_told(tells)),
                )


def _sources(who: str) -> Iterator[str]:
    return (each.replace("_", " ") for each in who.replace("older link", "older_link").split())


def _told(tells: str) -> Iterator[tuple[str, str]]:
    for part in re.findall(r"\S+>\w+(?: side| engine| deadline)?", tells):
        told, _, audience = part.partition(">")
        yield told, audience


def test_the_table_says_what_was_decided() -> None:
    table = [
        (row.status, row.hears, row.sources, row.provided, row.becomes, row.tells)
        for row in lifecycle().rows
    ]
    assert len(table) == len(set(table))
    assert set(table) == set(rows())


def test_the_clocks_of_each_status_are_those_that_were_decided() -> None:
    assert {
        status: (clocks.runs, clocks.stand_still) for status, clocks in lifecycle().clocks.items()
    } == {
        LETTERS[letter]: (tuple(runs.split()), tuple(still.split()))
        for letter, (runs, still) in RUNS.items()
    }


def test_every_status_and_every_message_has_its_place_in_the_table() -> None:
    assert set(lifecycle().clocks) == set(Status)
    assert {row.hears for row in lifecycle().rows} >= set(MESSAGES)


# Every cell: what is in the table is taken, everything else gets the refusal that fits.

EDITABLE = {
    "submitted, in conflict",
   
    "a draft", "submitted", "asked for more", "asked for more in 2023", "asked in a dispute"
}  # fmt: skip
CLOSED_FOR_EVIDENCE = {"under review", "disputed", "submitted in 2023"}
HELD = {"approved, notice refused"}
PLAYED_AT = MONDAY + 10 * DAY


@cache
def played(stage: str) -> str:
    return STAGES[stage][1]().claim.state.model_dump_json()


def outcome(stage: str, name: str, role: str) -> str:
    letter, _, holds = STAGES[stage]
    cells = PLOT[name]
    if not any(role in who.split() for _, who, *_ in cells):
        return "wrong_role"
    here = [cell for cell in cells if letter in cell[0] or cell[0] == "*"]
    if not any(provided in {"", *holds} for _, _, provided, *_ in here):
        if name == "dispute" and "in dispute" in holds:
            return "already_disputed"
        if name == "dispute" and stage == "declined":
            return "not_disputable"
        return "wrong_status"
    if name == "bounced" and stage == "a draft":
        return "invalid"
    if name == "extend" and stage in HELD:
        return "wrong_status"
    if name == "edit" and stage not in EDITABLE:
        return "not_editable"
    if name.endswith("_evidence") and stage in CLOSED_FOR_EVIDENCE:
        return "not_editable"
    if name == "withdraw_evidence" and letter == "A":
        return "nothing_to_review"
    return "accepted"


@pytest.mark.parametrize("name", MESSAGES)
@pytest.mark.parametrize("stage", STAGES)
def test_only_what_the_table_allows_is_taken(stage: str, name: str) -> None:
    for role in get_args(Role):
        is_taken_if_the_table_allows_it(stage, name, role)


def is_taken_if_the_table_allows_it(stage: str, name: str, role: str) -> None:
    claim = Claim(State.model_validate_json(played(stage)))
    by = {"role": role, "id": "contact" if role == "customer" else "somebody"}
    by_hand = {"came_by": "telephone"} if (name, role) == ("decline", "operator") else {}
    message = {"by": by, **NEEDS.get(name, {}), **by_hand}
    before = claim.state.status
    expected = outcome(stage, name, role)
    if expected != "accepted":
        with pytest.raises(Refused) as refused:
            claim.take(name, [message], PLAYED_AT)
        assert refused.value.code == expected, f"from {role}: {refused.value.text}"
        assert claim.state.model_dump_json() == played(stage)
    else:
        receipt = claim.take(name, [message], PLAYED_AT)
        way = next(
            becomes
            for where, _, provided, becomes, _ in PLOT[name]
            if STAGES[stage][0] in where or where == "*"
            if provided in {"", *STAGES[stage][2]}
        )
        becomes = LETTERS[way[-1 if "2023" in stage else 0]] if way else before
        assert (receipt.status, claim.state.status) == (becomes, becomes), f"from {role}"


# What the table tells, told


def test_a_submission_tells_the_partner_and_the_reviewers() -> None:
    assert kinds(Play().pay("notice")) == ["submitted → partner", "to_review → reviewers"]


def test_a_comment_is_told_to_the_other_side_only() -> None:
    play = under_review()
    play.tell("comment")
    assert kinds(play.pay()) == ["commented → reviewers"]
    play.tell("comment", by={"role": "reviewer", "id": "kim"}, text="Which page?")
    assert kinds(play.pay()) == ["commented → partner"]


def test_an_internal_comment_is_for_reviewers_only() -> None:
    play = under_review()
    play.tell("comment", by={"role": "reviewer", "id": "kim"}, text="Odd dates.", internal=True)
    assert play.pay() == []
    assert play.last.sight == ("reviewer",)


def test_a_decision_straight_from_submitted_starts_the_review_by_itself() -> None:
    play = submitted()
    play.tell("request_info")
    assert play.claim.state.status is Status.PARTNER_ACTION
    assert play.clock("review").state == "paused"
    play.tell("submit")
    assert play.claim.state.status is Status.UNDER_REVIEW
    assert play.clock("review").state == "running"


def test_whoever_acts_becomes_the_reviewer() -> None:
    play = submitted()
    for name, who in (("start_review", "kim"), ("request_info", "lee")):
        play.tell(name, by={"role": "reviewer", "id": who}, **NEEDS.get(name, {}))
        assert play.claim.state.reviewer == who
    play.tell("submit")
    assert play.claim.state.reviewer == "lee"


def test_withdrawing_a_draft_is_confirmed_to_the_partner_and_troubles_nobody_else() -> None:
    play = draft()
    play.tell("withdraw")
    assert kinds(play.pay("notice")) == ["withdrawn → partner"]
    assert play.claim.state.status is Status.REJECTED


def test_an_approval_empties_the_reasons_and_a_rejection_the_requests() -> None:
    play = asked()
    assert play.claim.state.requests
    play.tell("withdraw")
    assert play.claim.state.requests == []
    assert [each.reason for each in play.claim.state.reasons] == ["partner_request"]


def test_the_request_that_is_told_is_the_one_that_was_made_also_when_the_answer_came_at_once() -> (
    None
):
    play = under_review()
    play.tell("request_info", requests=[{"reason": "missing_products", "product": "teams"}])
    play.tell("submit")
    (mail,) = play.pay("info_requested")
    assert mail.facts["requests"][0]["product"] == "Teams"


def test_the_answer_tells_the_reviewers_what_was_changed() -> None:
    play = asked()
    play.tell("add_evidence")
    play.tell("edit", changes={"products": [{"name": "Teams"}]})
    play.tell("submit")
    (mail,) = play.pay("to_review")
    assert mail.facts["answer"] is True
    assert mail.facts["changes"] == [
        "added mail.eml",
        "changed products: dropped Exchange Online",
    ]


def test_an_answer_may_change_nothing_and_the_reviewers_are_told_so() -> None:
    play = asked()
    play.tell("submit", comment="We think it is all there.")
    (mail,) = play.pay("to_review")
    assert (mail.facts["answer"], mail.facts["changes"]) == (True, [])


def test_the_first_submission_keeps_its_date_across_rounds() -> None:
    play = asked()
    first = play.claim.state.first_submitted_at
    play.now = play.now.replace(day=4)
    play.tell("submit")
    assert (play.claim.state.first_submitted_at, play.claim.state.submitted_at) == (first, play.now)


@pytest.mark.parametrize("stage", [stage for stage in STAGES if "submitted" not in stage])
def test_a_refusal_says_what_would_be_possible(stage: str) -> None:
    claim = Claim(State.model_validate_json(played(stage)))
    with pytest.raises(Refused, match="possible now: ") as refused:
        claim.take("start_review", [said("start_review")], PLAYED_AT)
    assert "retry (operator)" in refused.value.text
    assert ("approve (reviewer)" in refused.value.text) == (stage in ("under review", "disputed"))
    assert ("withdraw (partner)" in refused.value.text) == (
        STAGES[stage][0] in "ESUPD" or "consent open" in STAGES[stage][2]
    )


def test_a_refusal_for_the_role_says_whose_message_it_is() -> None:
    play = submitted()
    assert play.refuses("wrong_role", "withdraw", by=OPERATOR, reason="other").text == (
        "withdraw is for partner, not operator"
    )
