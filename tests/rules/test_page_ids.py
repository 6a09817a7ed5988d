"""The ids of the customer's page: whatever anybody else sends, the link says the customer's no."""

from __future__ import annotations

from typing import Any

import pytest

from cpor.rules import views
from cpor.rules.own_ids import decline_id, is_own
from tests.examples import CUSTOMER, PARTNER, REVIEWER
from tests.rules.play import Play, consent_running, fields_of, held, submitted

NOTICE = "CPOR-7Q2M4X.consent.1.contact"
ID = decline_id(NOTICE)
NO = {"id": ID, "by": CUSTOMER, "notice_id": NOTICE}

OTHERS: list[tuple[str, dict[str, Any]]] = [
    ("comment", {"by": PARTNER, "text": "Hello."}),
    ("submit", {"by": PARTNER}),
    ("start_review", {"by": REVIEWER}),
    ("decline", {"by": PARTNER, "notice_id": NOTICE}),
    ("decline", {"by": CUSTOMER}),
    ("decline", {"by": CUSTOMER, "notice_id": "CPOR-7Q2M4X.consent.2.contact"}),
    ("decline", {"by": {"role": "customer", "id": "somebody"}, "notice_id": NOTICE}),
    ("decline", {"by": CUSTOMER, "notice_id": NOTICE, "note": "\x07"}),
    ("no message", {"by": CUSTOMER, "notice_id": NOTICE}),
    ("comment", {}),
]


def the_customer_can_say_no(play: Play) -> None:
    assert views.receipt(play.claim.state, [ID]) is None
    assert play.take("decline", {**NO, "note": "Not with us."}).id == ID
    assert play.claim.state.consent == "declined"


@pytest.mark.parametrize(("name", "message"), OTHERS)
def test_nothing_else_has_such_an_id(name: str, message: dict[str, Any]) -> None:
    play = consent_running()
    receipt = play.hear(name, {**message, "id": ID})
    assert receipt.outcome == "refused"
    assert not is_own(receipt.id)
    assert play.last.changes["id"] == receipt.id
    the_customer_can_say_no(play)


@pytest.mark.parametrize("taken", [ID, f" {ID} ", "decline.", "decline.anything"])
def test_what_has_one_all_the_same_is_invalid_and_the_field_is_named(taken: str) -> None:
    message = {"id": taken, "by": PARTNER, "text": "Hello."}
    refused = consent_running().refuses_payloads("invalid", "comment", message)
    assert list(fields_of(refused)) == ["id"]


def test_a_no_that_comes_before_anybody_was_asked_keeps_nobody_from_saying_it_later() -> None:
    play = submitted()
    receipt = play.hear("decline", NO)
    assert receipt.code == "wrong_status"
    assert receipt.id != ID
    play.tell("approve")
    play.pay()
    the_customer_can_say_no(play)


def test_a_no_by_an_older_link_has_its_receipt_there_for_it_will_never_be_another() -> None:
    play = held()
    contact = {"name": "Liv Ek", "email": "liv@contoso.example"}
    play.tell("edit", changes={"customer_contact": contact})
    play.confirm()
    play.pay()
    receipt = play.hear("decline", NO)
    assert (receipt.outcome, receipt.id) == ("accepted", ID)
    assert views.receipt(play.claim.state, [ID]) == receipt
