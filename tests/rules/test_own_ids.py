"""Ids that our own senders use are theirs alone, and nobody uses up the ids of another role."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from cpor.rules import views
from cpor.rules.errors import Invalid
from cpor.rules.lifecycle import Recipient, Told
from cpor.rules.own_ids import bounced_id, decline_id
from cpor.rules.shapes import is_message_id
from tests.examples import PARTNER, REVIEWER, SYSTEM
from tests.rules.play import TOKEN, Play, consent_running, fields_of, said, submitted

NOTICE = "CPOR-7Q2M4X.consent.1.contact"
EVENT = "CPOR-7Q2M4X.hand_off.1"
BOUNCE = {
    "id": bounced_id(NOTICE),
    "by": SYSTEM,
    "notice_id": NOTICE,
    "token": TOKEN,
    "detail": "550 unknown",
}
SQUATTED = (bounced_id(NOTICE), decline_id(NOTICE), f"{EVENT}.eligible", f"{EVENT}.not_eligible")


@pytest.mark.parametrize("squatted", SQUATTED)
def test_a_comment_with_the_id_of_a_system_is_invalid_and_swallows_nothing(squatted: str) -> None:
    play = consent_running()
    message = {"id": squatted, "by": PARTNER, "text": "Hello."}
    assert list(fields_of(play.refuses_payloads("invalid", "comment", message))) == ["id"]
    assert play.hear("comment", message).id != squatted
    assert play.take("bounced", BOUNCE).outcome == "accepted"
    assert play.claim.state.consent == "held"


OTHERS: list[tuple[str, dict[str, Any]]] = [
    ("bounced", {**BOUNCE, "notice_id": "CPOR-7Q2M4X.submitted.1.partner"}),
    ("eligibility_result", {"by": SYSTEM, "outcome": "eligible"}),
    ("bounced", {**BOUNCE, "detail": "\x07"}),
    ("bounced", {**BOUNCE, "by": REVIEWER}),
]


@pytest.mark.parametrize(("name", "message"), OTHERS)
def test_nor_does_another_message_of_a_system(name: str, message: dict[str, Any]) -> None:
    play = consent_running()
    receipt = play.hear(name, {**message, "id": BOUNCE["id"]})
    assert receipt.outcome == "refused"
    assert play.take("bounced", BOUNCE).outcome == "accepted"


def test_a_report_that_came_too_early_leaves_its_id_free() -> None:
    play = submitted()
    assert play.hear("bounced", BOUNCE).outcome == "refused"
    play.tell("approve")
    play.pay()
    assert play.take("bounced", {**BOUNCE, "detail": "550 full"}).outcome == "accepted"


def test_the_ids_of_two_roles_have_nothing_to_do_with_each_other() -> None:
    play = submitted()
    ours = play.take("comment", {"id": "m-1", "by": PARTNER, "text": "Hello."})
    theirs = play.take("comment", {"id": "m-1", "by": REVIEWER, "text": "Welcome."})
    assert (ours.role, theirs.role) == ("partner", "reviewer")
    state = play.claim.state
    assert views.receipt(state, [{"id": "m-1", "role": "partner"}]) == ours
    assert views.receipt(state, [{"id": "m-1", "role": "reviewer"}]) == theirs
    assert views.receipt(state, [{"id": "m-1", "role": "system"}]) is None
    with pytest.raises(Invalid, match="by partner and reviewer; ask for"):
        views.receipt(state, ["m-1"])


def test_a_refused_message_of_one_role_keeps_no_other_from_using_its_id() -> None:
    play = submitted()
    assert play.hear("approve", {"id": "m-1", "by": PARTNER}).outcome == "refused"
    assert play.take("approve", {"id": "m-1", "by": REVIEWER}).outcome == "accepted"


def test_a_result_under_the_id_of_its_event_is_taken_once() -> None:
    play = Play()
    for _ in range(2):
        message = {**said("eligibility_result"), "id": f"{EVENT}.eligible"}
        assert play.hear("eligibility_result", message).code == "wrong_status"


def test_the_ids_of_our_own_senders_fit_and_tell_notices_apart() -> None:
    claim_id = "C" * 40
    notices = [
        f"{claim_id}.{told}.{number}.{who}"
        for told in get_args(Told)
        for who in get_args(Recipient)
        for number in (1, 999)
    ]
    made = [make(notice) for make in (decline_id, bounced_id) for notice in notices]
    made += [f"{claim_id}.hand_off.1.not_eligible", f"{claim_id}.event.9999"]
    assert all(is_message_id(each) for each in made)
    assert len(set(made)) == len(made)
