"""The history says what was before and what is now; of contacts only which part."""

from __future__ import annotations

from typing import Any

import pytest

from cpor.rules import current_details
from tests.examples import dynamics_opening, opening
from tests.rules.play import Play, asked, draft

SUBSCRIPTION = "0d3f7a52-6a4e-4a8e-9f52-1f0f3a5f7c01"
CONTOSO = opening()["customer"]
LARS = CONTOSO["contact"]


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"mpn_id": "7654321"}, "MPN ID from 4912345 to 7654321"),
        ({"name": "Roll-out"}, "name from Teams roll-out at Contoso to Roll-out"),
        (
            {"products": [{"name": "Teams"}, {"name": "Intune"}]},
            "products: added Intune, dropped Exchange Online",
        ),
        (
            {"products": [{"name": "Exchange Online"}, {"name": "Teams"}]},
            "products: reordered",
        ),
        (
            {"customer_contact": {**LARS, "email": "liv@contoso.example"}},
            "customer contact: e-mail address",
        ),
        ({"technical_contact": LARS}, "technical contact added"),
        (
            {"customer": {**CONTOSO, "domain": "c.example", "contact": {**LARS, "title": None}}},
            "customer's domain from contoso.example to c.example; customer contact: title",
        ),
        (
            {"partner": {**opening()["partner"], "country": "CH"}, "mpn_id": "7654321"},
            "partner's country from DE to CH; MPN ID from 4912345 to 7654321",
        ),
    ],
)
def test_the_history_says_what_was_before_and_what_is_now(
    changes: dict[str, Any], words: str
) -> None:
    play = draft()
    play.tell("edit", changes=changes)
    assert play.last.text == f"changed {words}"


def test_a_subscription_is_told_with_its_product() -> None:
    play = Play(dynamics_opening(submit=False))
    other = {"name": "Field Service", "subscription_id": SUBSCRIPTION}
    play.tell("edit", changes={"products": [other]})
    assert play.last.text == (
        f"changed products: added Field Service (subscription {SUBSCRIPTION}), "
        f"dropped Sales (subscription {SUBSCRIPTION})"
    )


def test_the_reviewers_mail_and_the_operators_page_say_the_same() -> None:
    play = asked()
    play.tell("edit", changes={"products": [{"name": "Teams"}]})
    assert "`changed products: dropped Exchange Online`" in current_details.details(
        play.claim.state
    )
    play.tell("submit")
    (mail,) = (each for each in play.pay() if each.kind == "to_review")
    assert mail.facts["changes"] == ["changed products: dropped Exchange Online"]


def test_no_address_is_told() -> None:
    play = asked()
    play.tell("edit", changes={"customer_contact": {**LARS, "name": "Liv", "email": "l@c.example"}})
    assert play.last.text == "changed customer contact: name, e-mail address"
    assert "Liv" not in current_details.details(play.claim.state)


def test_a_mail_tells_the_last_twenty_changes_only() -> None:
    play = asked()
    for number in range(25):
        play.tell("edit", changes={"mpn_id": f"{7654321 + number}"})
    play.tell("submit")
    (mail,) = (each for each in play.pay() if each.kind == "to_review")
    first, *others = mail.facts["changes"]
    assert first == "5 changes before these; the history has them"
    assert len(others) == 20
