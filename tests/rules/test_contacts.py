"""Who consents is looked at: contacts that a reviewer confirms before a notice goes to them."""

from __future__ import annotations

from typing import Any

import pytest

from cpor.rules import current_details, views
from cpor.rules.lifecycle import Status
from tests.examples import dynamics_opening, opening
from tests.rules.play import DAY, Play, approved, held, kinds, submitted

LIV = {"name": "Liv Ek", "email": "liv@contoso.example"}
MALLORY = {"name": "Mallory", "email": "mallory@fabrikam.example"}
WEEK = 7 * DAY


def named(email: str, domain: str = "contoso.example") -> dict[str, Any]:
    """The customer, with this address of its contact."""
    customer = opening()["customer"]
    contact = {**customer["contact"], "email": email}
    return {"customer": {**customer, "domain": domain, "contact": contact}}


def why(play: Play) -> object:
    return views.view(play.claim.state).unconfirmed


# Which


@pytest.mark.parametrize(
    ("email", "domain"),
    [
        ("lars@contoso.example", "contoso.example"),
        ("Lars@CONTOSO.Example", "contoso.example"),
        ("lars@contoso.example", "Contoso.EXAMPLE"),
        ("lars@mail.contoso.example", "contoso.example"),
        ("lars@bücher.example", "bücher.example"),
    ],
)
def test_a_contact_within_the_customers_domain_needs_no_confirmation(
    email: str, domain: str
) -> None:
    play = submitted(**named(email, domain))
    assert why(play) == {}
    play.tell("approve")
    assert "consent → contact" in kinds(play.pay())


@pytest.mark.parametrize(
    ("email", "domain"),
    [
        ("lars@contoso.example.evil.example", "contoso.example"),
        ("lars@evilcontoso.example", "contoso.example"),
        ("lars@example.example", "contoso.example"),
        ("lars@contoso.example", "mail.contoso.example"),
        ("lars@cоntoso.example", "contoso.example"),
        ("lars@xn--bcher-kva.example", "bücher.example"),
    ],
)
def test_a_contact_outside_the_customers_domain_gets_no_notice_before_a_reviewer_confirms(
    email: str, domain: str
) -> None:
    play = submitted(**named(email, domain))
    assert why(play) == {"contact": ["outside_domain"]}
    text = play.tell("approve").text
    assert text == "Approved. The customer is told once you have confirmed the contact."
    sent = play.pay()
    assert "confirm_contact → reviewers" in kinds(sent)
    assert not any(mail.kind == "consent" for mail in sent)
    assert (play.claim.state.waiting_for, play.claim.state.consent) == ("reviewer", "pending")
    play.wait(until=play.now + 40 * DAY)
    assert play.claim.state.official_since is None
    play.confirm()
    assert "consent → contact" in kinds(play.pay())
    assert play.claim.state.deadline == play.now + WEEK


def test_a_contact_changed_after_submission_is_confirmed_also_within_the_domain() -> None:
    play = submitted()
    play.tell("edit", changes={"customer_contact": LIV})
    assert why(play) == {"contact": ["changed"]}
    play.tell("edit", changes={"customer_contact": MALLORY})
    assert why(play) == {"contact": ["outside_domain", "changed"]}
    play.tell("edit", changes={"customer_contact": opening()["customer"]["contact"]})
    assert why(play) == {}


def test_another_name_or_language_at_the_same_address_needs_no_confirmation() -> None:
    play = submitted()
    contact = {**opening()["customer"]["contact"], "name": "Lars Eek", "language": "en"}
    play.tell("edit", changes={"customer_contact": contact})
    assert why(play) == {}


def test_what_is_changed_in_the_draft_is_what_is_submitted() -> None:
    play = Play(opening(submit=False))
    play.tell("edit", changes={"customer_contact": LIV})
    play.tell("submit")
    assert why(play) == {}


def test_both_contacts_are_looked_at_where_both_are_told() -> None:
    customer = {**dynamics_opening()["customer"], "contact": MALLORY, "technical_contact": MALLORY}
    play = Play(dynamics_opening(customer=customer))
    play.pay()
    assert set(views.view(play.claim.state).unconfirmed) == {"contact", "technical_contact"}
    play.tell("approve")
    play.confirm("technical_contact")
    assert [each for each in kinds(play.pay()) if each.startswith("consent")] == [
        "consent → technical_contact"
    ]
    assert set(views.view(play.claim.state).unconfirmed) == {"contact"}
    play.confirm("contact")
    assert "consent → contact" in kinds(play.pay())


def test_a_technical_contact_who_is_never_told_need_not_be_confirmed() -> None:
    customer = {**opening()["customer"], "technical_contact": MALLORY}
    play = submitted(customer=customer)
    assert why(play) == {}
    play.refuses("wrong_status", "confirm_contact", contact="technical_contact", seen=1000)


# The attack


def test_a_forged_bounce_and_another_contact_bind_nobody_who_was_not_asked() -> None:
    """The partner says that the notice came back, names a friend, and waits."""
    play = approved()
    play.pay()
    play.tell("bounced", notice_id="CPOR-7Q2M4X.consent.1.contact", detail="550 no such mailbox")
    play.tell("edit", changes={"customer_contact": MALLORY})
    sent = play.pay() + play.wait(until=play.now + 60 * DAY)
    assert not any(mail.to and mail.to.email == MALLORY["email"] for mail in sent)
    assert "confirm_contact → reviewers" in kinds(sent)
    assert (play.claim.state.status, play.claim.state.official_since) == (Status.APPROVED, None)
    play.tell("withdraw")
    assert "withdrawn → contact" not in kinds(play.pay())


def test_a_confirmation_is_for_the_address_that_was_looked_at() -> None:
    play = held()
    play.tell("edit", changes={"customer_contact": LIV})
    seen = len(play.claim.state.history)
    play.tell("edit", changes={"customer_contact": MALLORY})
    play.refuses("changed_since", "confirm_contact", contact="contact", seen=seen)
    play.confirm()
    play.tell("edit", changes={"customer_contact": LIV})
    assert why(play) == {"contact": ["changed"]}
    assert not any(mail.kind == "consent" for mail in play.pay())


def test_a_no_by_an_unconfirmed_contacts_link_is_confirmed_to_nobody_there() -> None:
    play = submitted(**named("mallory@fabrikam.example"))
    play.tell("approve")
    play.tell("decline")
    assert "declined → contact" not in kinds(play.pay())


# How


def test_an_approval_may_confirm_all_contacts() -> None:
    play = submitted(**named("lars@gmail.example"))
    seen = len(play.claim.state.history)
    play.tell("approve", contacts_confirmed=True, seen=seen)
    assert "consent → contact" in kinds(play.pay())
    assert why(play) == {}


def test_whoever_confirms_says_up_to_which_entry_they_have_looked() -> None:
    play = submitted(**named("lars@gmail.example"))
    play.refuses("invalid", "confirm_contact", contact="contact")
    play.refuses("invalid", "approve", contacts_confirmed=True)
    seen = len(play.claim.state.history)
    play.tell("edit", changes={"customer_contact": MALLORY})
    play.refuses("changed_since", "approve", contacts_confirmed=True, seen=seen)


def test_it_may_be_confirmed_before_the_approval_and_twice_changes_nothing() -> None:
    play = submitted(**named("lars@gmail.example"))
    play.confirm()
    assert why(play) == {}
    play.refuses("wrong_status", "confirm_contact", contact="contact", seen=1000)
    play.tell("approve")
    assert "consent → contact" in kinds(play.pay())


def test_reviewers_see_which_contact_and_why_and_never_the_address_in_a_mail() -> None:
    play = Play(opening(**named("lars@gmail.example")))
    (mail,) = [mail for mail in play.pay() if mail.kind == "to_review"]
    assert mail.facts["unconfirmed"] == [{"contact": "contact", "why": ["outside_domain"]}]
    page = current_details.details(play.claim.state)
    assert "**to be confirmed: the customer's contact**, outside the customer's domain" in page
    play.tell("approve")
    (mail,) = [mail for mail in play.pay() if mail.kind == "confirm_contact"]
    assert "gmail" not in mail.model_dump_json()


def test_reviewers_are_told_once_for_each_change_that_has_to_be_confirmed() -> None:
    play = held()
    play.tell("edit", changes={"customer_contact": LIV})
    assert len(play.debts("confirm_contact")) == 1
    play.tell("edit", changes={"customer_contact": MALLORY})
    assert len(play.debts("confirm_contact")) == 1
    play.confirm()
    assert play.debts("confirm_contact") == []


def test_what_the_directory_took_back_is_confirmed_anew_when_it_comes_again() -> None:
    play = Play(opening(**named("lars@gmail.example")), directory=True)
    play.confirm()
    play.pay(refused=["directory"])
    assert play.claim.state.status is Status.EDITING
    play.tell("submit")
    assert why(play) == {"contact": ["outside_domain"]}


def test_the_lead_hears_again_of_a_contact_that_nobody_confirms() -> None:
    play = submitted(**named("lars@gmail.example"))
    play.tell("approve")
    play.pay()
    told = kinds(play.wait(until=play.now + 16 * DAY))
    assert told == ["confirm_contact → lead", "confirm_contact → lead"]
