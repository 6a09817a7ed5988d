"""What a partner may change, when, and what is said about the rest."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cpor.rules import state
from cpor.rules.editions import Edition, edition
from cpor.rules.errors import EditionError
from cpor.rules.lifecycle import Status
from tests.examples import dynamics_opening, opening
from tests.rules.play import Play, approved, asked, draft, fields_of, submitted, under_review

SUBSCRIPTION = "0d3f7a52-6a4e-4a8e-9f52-1f0f3a5f7c01"
SALES = {"name": "Sales", "subscription_id": SUBSCRIPTION}
CONTACT = {"name": "Liv Ek", "email": "liv@contoso.example"}
NEVER_AFTER_SUBMISSION = {
    "name": "Another name",
    "program": "osa-sell",
    "activity": "presales",
    "partner": opening()["partner"],
    "customer": opening()["customer"],
}
WHILE_ASKED = {
    "mpn_id": "7654321",
    "products": [{"name": "Teams"}],
    "customer_contact": CONTACT,
    "technical_contact": CONTACT,
    "partner_contact": CONTACT,
}
CONTACTS = {"customer_contact", "technical_contact", "partner_contact"}


@pytest.mark.parametrize("field", [*WHILE_ASKED, *NEVER_AFTER_SUBMISSION])
@pytest.mark.parametrize(
    ("so_far", "may"),
    [
        (submitted, set(WHILE_ASKED)),
        (under_review, set[str]()),
        (asked, set(WHILE_ASKED)),
        (approved, CONTACTS),
    ],
)
def test_after_submission_only_some_fields_may_be_edited(
    so_far: Callable[[], Play], may: set[str], field: str
) -> None:
    play = so_far()
    changes = {field: {**WHILE_ASKED, **NEVER_AFTER_SUBMISSION}[field]}
    if field in may:
        assert play.tell("edit", changes=changes).outcome == "accepted"
    else:
        refused = play.refuses("not_editable", "edit", changes=changes)
        assert refused.text.startswith(
            f"{field} cannot be edited in {play.claim.state.status.value}"
        )


def test_a_refused_edit_says_what_may_be_edited() -> None:
    assert submitted().refuses("not_editable", "edit", changes={"name": "New"}).text == (
        "name cannot be edited in Submitted; now only mpn_id, products, customer_contact, "
        "technical_contact, partner_contact, evidence"
    )


def test_one_field_that_may_not_be_edited_stops_the_whole_edit() -> None:
    play = submitted()
    play.refuses("not_editable", "edit", changes={"mpn_id": "7654321", "name": "New"})
    assert play.claim.state.partner.mpn_id == "4912345"


def test_the_history_keeps_what_was_before_and_after() -> None:
    play = submitted()
    play.tell("edit", changes={"mpn_id": "7654321", "products": [{"name": "Yammer"}]})
    assert play.last.changes["mpn_id"] == ["4912345", "7654321"]
    assert play.last.changes["products"][1] == [{"code": "viva-engage", "name": "Viva Engage"}]


def test_an_edit_says_that_an_answer_is_not_sent_yet() -> None:
    receipt = asked().tell("edit", changes={"mpn_id": "7654321"})
    assert receipt.text == "Changed: mpn_id. It reaches the reviewers when you submit."


def test_an_edit_that_changes_nothing_says_so() -> None:
    receipt = submitted().tell("edit", changes={"mpn_id": "4912345"})
    assert receipt.text == "Nothing was different; nothing is changed."


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({}, {"changes": "must name at least one field"}),
        ({"mpn_id": None}, {"changes": "mpn_id must not be null"}),
        ({"colour": "red"}, {"changes.colour": "is not a known field"}),
        ({"products": []}, {"changes.products": "at least one product is needed"}),
        (
            {"products": [{"name": "Teams"}, {"name": "teams"}]},
            {"changes.products.1.name": "Teams is named twice"},
        ),
        (
            {"products": [SALES]},
            {"changes.products.0.name": "Sales cannot be claimed under osu-m365"},
        ),
        (
            {"products": [{"name": "Teams"}] * 21},
            {"changes.products": "must have at most 20 entries"},
        ),
        (
            {"customer_contact": {"name": "Liv", "email": "liv"}},
            {
                "changes.customer_contact.email": "must be an e-mail address such as "
                "name@company.example"
            },
        ),
        (
            {"program": "osu-business-applications", "products": [SALES]},
            {"changes.technical_contact": "needed under osu-business-applications"},
        ),
        (
            {"program": "osa-sell"},
            {
                "changes.activity": "usage does not go with osa-sell; "
                "it takes presales or revenue-association",
                "changes.products.0.name": "Teams cannot be claimed under osa-sell",
                "changes.products.1.name": "Exchange Online cannot be claimed under osa-sell",
                "changes.technical_contact": "needed under osa-sell",
            },
        ),
    ],
)
def test_a_draft_must_stay_right(changes: dict[str, object], found: dict[str, str]) -> None:
    assert fields_of(draft().refuses("invalid", "edit", changes=changes)) == found


def test_a_draft_may_become_another_program_when_everything_fits() -> None:
    play = draft()
    play.tell(
        "edit",
        changes={
            "program": "osa-sell",
            "activity": "presales",
            "products": [SALES],
            "technical_contact": CONTACT,
        },
    )
    assert play.claim.state.program == "osa-sell"
    assert play.tell("submit").status is Status.SUBMITTED


def test_a_contact_sent_beside_a_new_customer_is_meant_for_that_customer() -> None:
    play = draft()
    customer = {**opening()["customer"], "name": "Northwind", "domain": "northwind.example"}
    play.tell("edit", changes={"customer_contact": CONTACT, "customer": customer})
    assert play.claim.state.customer.name == "Northwind"
    assert play.claim.state.customer.contact.email == "liv@contoso.example"


def test_a_draft_s_partner_and_customer_may_get_another_name_and_country() -> None:
    play = draft()
    partner = {**opening()["partner"], "name": "Fabrikam AG", "country": "CH"}
    customer = {**opening()["customer"], "name": "Contoso AB", "country": "NO"}
    play.tell("edit", changes={"mpn_id": "7654321", "partner": partner, "customer": customer})
    mine, theirs = play.claim.state.partner, play.claim.state.customer
    assert (mine.name, mine.country, mine.mpn_id) == ("Fabrikam AG", "CH", "7654321")
    assert (theirs.name, theirs.country) == ("Contoso AB", "NO")


def test_a_technical_contact_can_be_taken_away_where_none_is_needed() -> None:
    play = draft()
    play.tell("edit", changes={"technical_contact": CONTACT})
    play.tell("edit", changes={"technical_contact": None})
    assert play.claim.state.customer.technical_contact is None
    play = Play(dynamics_opening(submit=False))
    play.refuses("invalid", "edit", changes={"technical_contact": None})


def test_under_review_no_evidence_may_be_added() -> None:
    refused = under_review().refuses("not_editable", "add_evidence")
    assert refused.text == (
        "no evidence may be added in Under review; "
        "nothing can be changed unless a reviewer asks for more; a comment can be written"
    )


def test_an_edition_that_is_not_there_is_named_with_those_that_are() -> None:
    with pytest.raises(EditionError, match="edition '1999' is not known; there are 2020"):
        edition("1999")


def test_an_edition_may_close_all_fields_of_an_approved_claim(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    play = approved()
    rules = play.claim.state.rules_in_force
    closed = rules.model_copy(update={"editable": {**rules.editable, Status.APPROVED: ()}})

    def edition_of(name: str) -> Edition:
        return closed

    monkeypatch.setattr(state, "edition", edition_of)
    play.pay("consent")
    assert play.claim.state.editable == []
    refused = play.refuses("not_editable", "edit", changes={"mpn_id": "4912346"})
    assert "cannot be edited" in refused.text
