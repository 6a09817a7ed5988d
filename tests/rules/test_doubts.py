"""Doubts about an approved claim, and what reviewers answer."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cpor.rules import current_details, views
from cpor.rules.lifecycle import Status
from tests.examples import CUSTOMER, opening
from tests.rules.play import (
    DAY,
    NO,
    Play,
    approved,
    consent_running,
    dynamics_approved,
    handed_off,
    held,
    kinds,
    lapsed,
    submitted,
)

WEEK = 7 * DAY
CONTACT = {"name": "Liv Ek", "email": "liv@contoso.example"}
OLD, NEW = "CPOR-7Q2M4X.consent.1.contact", "CPOR-7Q2M4X.consent.2.contact"
OLD_NO = {"id": f"decline.{OLD}", "by": CUSTOMER, "notice_id": OLD, "note": "Not with us."}
EDITIONS = ("2020", "2020-intro")


def objected(edition: str = "2020") -> Play:
    """Handed off; now the customer says no."""
    play = handed_off(edition=edition)
    play.take("decline", OLD_NO)
    return play


def asked_anew(edition: str = "2020") -> Play:
    """The first notice came back; now somebody else is asked, whom a reviewer has confirmed."""
    play = held(edition=edition)
    play.tell("edit", changes={"customer_contact": CONTACT})
    play.confirm()
    play.pay()
    return play


# The customer's late no


@pytest.mark.parametrize("edition", EDITIONS)
def test_a_no_after_the_window_is_kept_with_its_words_and_told_to_reviewers_and_lead(
    edition: str,
) -> None:
    play = objected(edition)
    assert (play.claim.state.status, play.claim.state.consent) == (Status.APPROVED, "lapsed")
    (doubt,) = views.view(play.claim.state).doubts
    assert (doubt.kind, doubt.contact, doubt.note) == ("late_no", "contact", "Not with us.")
    told = play.pay()
    assert kinds(told) == ["objected → lead", "objected → reviewers"]
    assert told[0].facts["objections"][0]["note"] == "Not with us."
    assert "a no of the customer after the time for it" in current_details.details(play.claim.state)


def test_the_same_no_again_is_the_same() -> None:
    play = objected()
    play.pay()
    assert play.take("decline", OLD_NO).outcome == "accepted"
    assert len(play.claim.state.doubts) == 1
    assert play.pay() == []


@pytest.mark.parametrize(
    ("edition", "becomes"), [("2020", Status.REJECTED), ("2020-intro", Status.REJECTED)]
)
def test_a_reviewer_ends_the_association_and_both_read_why(edition: str, becomes: Status) -> None:
    play = objected(edition)
    play.pay()
    receipt = play.tell("end_association", reason="The contract names somebody else.")
    assert receipt.status is becomes
    assert (play.claim.state.consent, play.claim.state.ended_at) == ("declined", play.now)
    told = {mail.recipient: mail for mail in play.pay() if mail.kind == "association_ended"}
    assert set(told) == {"contact", "partner"}
    assert {mail.facts["reason"] for mail in told.values()} == {"The contract names somebody else."}
    assert play.claim.state.eligibility == "recalled"
    play.refuses("not_disputable", "dispute")


def test_in_2023_it_is_rejected_for_good() -> None:
    play = asked_anew("2023")
    play.wait(until=play.now + WEEK)
    play.take("decline", OLD_NO)
    assert play.tell("end_association").status is Status.REJECTED_FINAL


def test_a_reviewer_keeps_the_association_and_the_customer_reads_why() -> None:
    play = objected()
    play.pay()
    play.tell("keep_association", reason="Page 3 names the partner.")
    (mail,) = play.pay()
    assert (mail.kind, mail.recipient) == ("association_kept", "contact")
    assert mail.facts["reason"] == "Page 3 names the partner."
    assert (play.claim.state.is_official, play.claim.state.waiting_for) == (True, "nobody")
    (doubt,) = views.view(play.claim.state).doubts
    assert (doubt.answer, doubt.reason) == ("kept", "Page 3 names the partner.")
    play.refuses("wrong_status", "keep_association")


@pytest.mark.parametrize("answer", ["keep_association", "end_association"])
def test_who_is_a_contact_now_does_not_read_that_they_said_no_by_a_former_contacts_link(
    answer: str,
) -> None:
    play = asked_anew()
    play.wait(until=play.now + WEEK)
    play.take("decline", OLD_NO)
    play.tell(answer)
    (mail,) = [mail for mail in play.pay() if mail.recipient == "contact"]
    assert mail.facts["by_older_link"]


def test_what_was_kept_may_be_objected_to_again() -> None:
    play = objected()
    play.tell("keep_association")
    play.tell("decline", note="Still no.")
    assert play.claim.state.waiting_for == "reviewer"


@pytest.mark.parametrize("message", ["end_association", "keep_association"])
@pytest.mark.parametrize("so_far", [submitted, consent_running, handed_off])
def test_where_nobody_doubts_there_is_nothing_to_answer(
    so_far: Callable[[], Play], message: str
) -> None:
    so_far().refuses("wrong_status", message)


def test_an_answer_before_the_mails_were_sent_takes_them_back() -> None:
    play = objected()
    play.tell("keep_association")
    assert kinds(play.pay()) == ["association_kept → contact"]


def test_the_lead_hears_of_it_again_until_somebody_answers() -> None:
    play = objected()
    play.pay()
    assert kinds(play.wait(until=play.now + 16 * DAY)) == ["objected → lead"] * 2
    play.tell("keep_association")
    play.pay()
    assert play.wait(until=play.now + 14 * DAY) == []


def test_what_was_not_handed_off_yet_waits_for_the_answer() -> None:
    play = lapsed()
    play.tell("decline")
    play.pay()
    assert play.claim.state.handed_off_at is None
    play.tell("keep_association")
    play.pay()
    assert play.claim.state.handed_off_at == play.now


def test_what_was_not_handed_off_yet_is_not_recalled() -> None:
    play = lapsed()
    play.tell("decline")
    play.tell("end_association")
    play.pay()
    assert (play.claim.state.handed_off_at, play.claim.state.eligibility) == (None, "none")


# A no by the link of an older notice


def test_a_former_contacts_no_holds_the_clock_until_a_reviewer_has_looked() -> None:
    play = asked_anew()
    receipt = play.hear("decline", OLD_NO)
    assert (receipt.outcome, receipt.status) == ("accepted", Status.APPROVED)
    assert (play.claim.state.consent, play.claim.state.waiting_for) == ("held", "reviewer")
    assert (play.clock("consent").state, play.claim.state.deadline) == ("held", None)
    assert kinds(play.pay()) == ["objected → lead", "objected → reviewers"]
    play.wait(until=play.now + 200 * DAY)
    assert play.claim.state.official_since is None


def test_so_it_does_where_the_new_notice_has_not_gone_yet() -> None:
    play = held()
    play.tell("edit", changes={"customer_contact": CONTACT})
    play.confirm()
    play.hear("decline", OLD_NO)
    assert not any(mail.kind == "consent" for mail in play.pay())
    play.tell("keep_association")
    assert "consent → contact" in kinds(play.pay())


def test_a_notice_that_arrives_meanwhile_starts_no_clock() -> None:
    play = held()
    play.tell("edit", changes={"customer_contact": CONTACT})
    play.confirm()
    debt = play.debt("consent")
    play.claim.begin(debt, "run-1")
    play.hear("decline", OLD_NO)
    play.accepted(debt)
    play.wait(until=play.now + 30 * DAY)
    assert (play.claim.state.consent, play.claim.state.official_since) == ("held", None)


def test_when_it_is_kept_the_customer_is_asked_anew_and_has_the_full_time() -> None:
    play = asked_anew()
    play.now += 3 * DAY
    play.hear("decline", OLD_NO)
    play.pay()
    play.now += 3 * DAY
    play.tell("keep_association", reason="The person left the company.")
    (mail,) = play.pay()
    assert (mail.kind, mail.notice_id) == ("consent", "CPOR-7Q2M4X.consent.3.contact")
    assert play.claim.state.deadline == play.now + WEEK


def test_when_it_ends_the_claim_is_declined_and_never_was_official() -> None:
    play = asked_anew()
    play.hear("decline", OLD_NO)
    play.tell("end_association")
    assert (play.claim.state.status, play.claim.state.consent) == (Status.REJECTED, "declined")
    play.pay()
    assert (play.claim.state.official_since, play.claim.state.handed_off_at) == (None, None)


def test_both_contacts_are_asked_anew_when_one_of_them_used_an_older_link() -> None:
    play = dynamics_approved()
    play.pay(refused=["technical_contact"])
    play.tell("edit", changes={"technical_contact": CONTACT})
    old = {"role": "customer", "id": "technical_contact"}
    play.tell("decline", by=old, notice_id="CPOR-D365.consent.1.technical_contact")
    play.confirm("technical_contact")
    play.tell("keep_association")
    sent = [each for each in kinds(play.pay()) if each.startswith("consent")]
    assert sent == ["consent → contact", "consent → technical_contact"]


def test_the_newest_link_still_ends_the_claim_at_once() -> None:
    play = asked_anew()
    play.hear("decline", OLD_NO)
    assert play.tell("decline", notice_id=NEW).status is Status.REJECTED


def test_the_partner_may_withdraw_meanwhile() -> None:
    play = asked_anew()
    play.hear("decline", OLD_NO)
    assert play.tell("withdraw").status is Status.REJECTED


@pytest.mark.parametrize(
    "notice_id",
    [
        "CPOR-7Q2M4X.consent.3.contact",
        "CPOR-7Q2M4X.consent.1.technical_contact",
        "CPOR-7Q2M4X.approved.1.partner",
        "CPOR-OTHER.consent.1.contact",
    ],
)
def test_a_no_to_a_notice_that_never_asked_stops_nothing(notice_id: str) -> None:
    play = asked_anew()
    refused = play.refuses("invalid", "decline", notice_id=notice_id)
    assert refused.text == "notice_id: is no notice that asked the customer"


def test_nobody_says_no_for_a_technical_contact_that_there_is_not() -> None:
    play = consent_running()
    by = {"role": "customer", "id": "technical_contact"}
    refused = play.refuses("invalid", "decline", by=by)
    assert refused.text == "by.id: this claim has no technical contact"


# The directory's no, after the approval


def approved_while_the_directory_is_asked() -> Play:
    play = Play(opening(), directory=True)
    play.pay()
    play.tell("edit")
    play.tell("approve")
    return play


def test_a_no_of_the_directory_after_the_approval_is_told_and_holds_the_hand_off() -> None:
    play = approved_while_the_directory_is_asked()
    told = play.pay(refused=["directory"])
    (mail,) = [mail for mail in told if mail.kind == "doubted"]
    assert (mail.recipient, mail.facts["doubts"]) == (
        "reviewers",
        [{"kind": "directory", "note": NO}],
    )
    assert play.claim.state.waiting_for == "reviewer"
    play.wait(until=play.now + 30 * DAY)
    assert (play.claim.state.is_official, play.claim.state.handed_off_at) == (True, None)
    play.tell("keep_association", reason="The directory is late.")
    assert kinds(play.pay()) == ["handed_off → partner"]


def test_a_reviewer_may_end_it_for_that_and_nothing_is_handed_off() -> None:
    play = approved_while_the_directory_is_asked()
    play.pay(refused=["directory"])
    play.tell("end_association", reason="The subscription is not theirs.")
    assert (play.claim.state.status, play.claim.state.consent) == (Status.REJECTED, "pending")
    sent = kinds(play.pay())
    assert {"association_ended → contact", "association_ended → partner"} <= set(sent)
    assert play.claim.state.handed_off_at is None


def test_what_is_being_handed_off_already_is_told_and_recalled_when_it_ends() -> None:
    play = approved()
    play.claim.state.directory = "changed"
    play.pay()
    play.wait(until=play.now + WEEK)
    play.tell("decline")
    play.tell("end_association")
    play.pay()
    assert play.claim.state.eligibility == "recalled"
