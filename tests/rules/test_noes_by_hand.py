"""A customer answers the mail, or calls: an operator passes the no on, and is seen to have."""

from __future__ import annotations

from typing import Any

import pytest

from cpor.rules.lifecycle import Status
from tests.examples import CUSTOMER, OPERATOR, PARTNER, REVIEWER
from tests.rules.play import consent_running, dynamics_approved, fields_of, kinds, lapsed

BY_MAIL: dict[str, Any] = {"by": OPERATOR, "came_by": "reply to the mail"}


def _whose(contact: str | None) -> dict[str, Any]:
    return {"contact": contact} if contact else {}


def test_a_no_that_an_operator_passes_on_counts_as_the_customers_own() -> None:
    play = consent_running()
    assert play.tell("decline", **BY_MAIL, note="We know nothing of this.").outcome == "accepted"
    assert (play.claim.state.status, play.claim.state.consent) == (Status.REJECTED, "declined")
    assert [each.reason for each in play.claim.state.reasons] == ["customer_decline"]
    told = ["declined → contact", "declined → partner", "declined → reviewers"]
    assert kinds(play.pay("declined")) == told


@pytest.mark.parametrize("contact", [None, "contact", "technical_contact"])
def test_who_entered_it_whose_it_is_and_how_it_came_is_written_down(contact: str | None) -> None:
    play = dynamics_approved()
    play.pay()
    play.tell("decline", **BY_MAIL, **_whose(contact))
    (entry,) = play.entries("decline")
    assert (entry.by.role, entry.by.id) == (OPERATOR["role"], OPERATOR["id"])
    assert entry.changes["contact"] == [None, contact or "contact"]
    assert entry.changes["came_by"] == [None, "reply to the mail"]
    whose = (contact or "contact").replace("_", " ")
    assert entry.text == f"declined, as the {whose} said (reply to the mail)"


def test_after_the_time_it_is_a_doubt_like_any_other_no() -> None:
    play = lapsed()
    play.tell("decline", **BY_MAIL, note="We know nothing of this.")
    (doubt,) = play.claim.state.doubts
    assert (doubt.kind, doubt.contact, doubt.note) == (
        *("late_no", "contact"),
        "We know nothing of this.",
    )
    (entry,) = play.entries("decline")
    assert entry.text == (
        "said no after the time for it, as the contact said (reply to the mail): "
        "We know nothing of this."
    )
    assert entry.changes["came_by"] == [None, "reply to the mail"]
    assert kinds(play.pay("objected")) == ["objected → lead", "objected → reviewers"]


def test_an_operator_says_how_it_came() -> None:
    refusal = consent_running().refuses("invalid", "decline", by=OPERATOR)
    assert fields_of(refusal) == {"came_by": "is needed from an operator: how the no came"}


def test_it_is_the_no_of_a_contact_that_the_claim_has() -> None:
    consent_running().refuses("invalid", "decline", **BY_MAIL, contact="technical_contact")


@pytest.mark.parametrize("field", [{"came_by": "a dream"}, {"contact": "technical_contact"}])
def test_customers_pass_nothing_on(field: dict[str, str]) -> None:
    consent_running().refuses("invalid", "decline", by=CUSTOMER, **field)


@pytest.mark.parametrize("by", [PARTNER, REVIEWER])
def test_nobody_else_passes_a_no_on(by: dict[str, str]) -> None:
    consent_running().refuses("wrong_role", "decline", by=by, came_by="reply to the mail")


def test_an_operators_no_takes_no_id_of_the_page() -> None:
    taken = "decline.CPOR-7Q2M4X.consent.1.contact"
    consent_running().refuses("invalid", "decline", **BY_MAIL, id=taken)
