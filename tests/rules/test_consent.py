"""The customer's consent: silence gives it, but only the silence of somebody who was told."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from cpor.rules.effects.notice import NoticeResult
from cpor.rules.lifecycle import Status
from tests.rules.play import (
    DAY,
    DIGEST,
    MINUTE,
    Play,
    approved,
    consent_running,
    dynamics_approved,
    held,
    kinds,
    lapsed,
)

WEEK = 7 * DAY
CONTACT = {"name": "Liv Ek", "email": "liv@contoso.example"}
TECHNICAL = {"role": "customer", "id": "technical_contact"}


# The window


def test_the_window_opens_with_the_accepted_notice_not_with_the_approval() -> None:
    play = approved()
    assert play.claim.state.clocks.running() == []
    assert (play.claim.state.consent, play.claim.state.waiting_for) == ("pending", "customer")
    play.now += 2 * DAY
    play.pay()
    assert play.claim.state.notice_accepted_at == play.now
    assert play.claim.state.deadline == play.now + WEEK


def test_silence_is_consent() -> None:
    play = consent_running()
    opened = play.now
    told = play.wait(until=opened + WEEK)
    assert (play.claim.state.status, play.claim.state.consent) == (Status.APPROVED, "lapsed")
    assert play.claim.state.official_since == opened + WEEK
    assert kinds(told) == ["handed_off → partner", "official → partner"]
    assert play.claim.state.waiting_for == "nobody"


@pytest.mark.parametrize(("printed", "ends"), [(WEEK + DAY, WEEK + DAY), (WEEK - DAY, WEEK)])
def test_it_ends_at_the_later_of_the_printed_end_and_the_full_window(
    printed: timedelta, ends: timedelta
) -> None:
    play = approved()
    play.pay(printed_end=play.now + printed)
    assert play.claim.state.deadline == play.now + ends


def test_nothing_lapses_while_mail_is_down() -> None:
    play = approved()
    play.claim.late(play.debt("consent").id, "connection refused", play.now)
    play.now += 29 * DAY
    play.tick()
    assert (play.claim.state.consent, play.claim.state.official_since) == ("pending", None)


# A refused notice


def test_a_refused_notice_holds_the_clock_and_tells_partner_and_reviewers() -> None:
    play = approved()
    told = play.pay(refused=["contact"])
    assert (play.claim.state.consent, play.claim.state.waiting_for) == ("held", "partner")
    assert play.clock("consent").state == "held"
    assert kinds(told) == [
        "consent → contact",
        "undeliverable → partner",
        "undeliverable → reviewers",
    ]
    assert told[1].facts["contact"] == "contact"


def test_what_the_mail_server_said_is_kept_short_and_without_addresses() -> None:
    play = approved()
    play.bounced(play.debt("consent"), "550 <lars@contoso.example> unknown " + "x" * 10_000)
    (entry,) = play.entries("notice_refused")
    assert "550 <(address)> unknown" in entry.text
    assert len(entry.text) < 300


def test_a_corrected_contact_gets_a_new_notice_and_a_full_window() -> None:
    play = held()
    play.now += 3 * DAY
    play.tell("edit", changes={"customer_contact": CONTACT})
    play.confirm()
    assert play.claim.state.consent == "pending"
    (mail,) = play.pay()
    assert mail.notice_id == "CPOR-7Q2M4X.consent.2.contact"
    assert mail.to is not None
    assert mail.to.email == "liv@contoso.example"
    assert play.claim.state.deadline == play.now + WEEK


def test_retry_asks_anew_where_the_address_was_right() -> None:
    play = held()
    receipt = play.tell("retry")
    assert receipt.text == "Tried again: consent notice to contact."
    (mail,) = play.pay()
    assert mail.notice_id == "CPOR-7Q2M4X.consent.2.contact"
    assert play.claim.state.deadline == play.now + WEEK


def test_a_contact_may_be_corrected_before_the_notice_arrived_and_voids_the_one_under_way() -> None:
    play = approved()
    old = play.debt("consent")
    play.tell("edit", changes={"customer_contact": CONTACT})
    new = play.debt("consent")
    assert (old.id, new.id) == ("CPOR-7Q2M4X.consent.1.contact", "CPOR-7Q2M4X.consent.2.contact")
    before = play.claim.state.model_dump_json()
    play.accepted(old)
    play.bounced(old)
    assert play.claim.state.model_dump_json() == before


def test_the_newest_link_ends_the_claim_whatever_was_said_by_an_older_one() -> None:
    play = held()
    play.tell("edit", changes={"customer_contact": CONTACT})
    old, new = "CPOR-7Q2M4X.consent.1.contact", "CPOR-7Q2M4X.consent.2.contact"
    assert play.tell("decline", notice_id=old).status is Status.APPROVED
    assert play.tell("decline", notice_id=new).status is Status.REJECTED


def test_an_edit_that_leaves_the_contact_alone_sends_nothing() -> None:
    play = held()
    play.tell("edit", changes={"partner_contact": CONTACT})
    assert play.debts("consent") == []
    assert play.claim.state.consent == "held"


def test_no_contact_may_be_edited_once_the_notice_arrived() -> None:
    play = consent_running()
    refused = play.refuses("not_editable", "edit", changes={"customer_contact": CONTACT})
    assert refused.text.startswith("customer_contact cannot be edited in Approved")
    assert play.claim.state.editable == ["technical_contact", "evidence"]


# Two contacts


def test_with_two_contacts_the_window_opens_with_the_first_notice_accepted() -> None:
    play = dynamics_approved()
    play.accepted(play.debt("consent", "technical_contact"))
    opened = play.now
    play.now += DAY
    play.accepted(play.debt("consent", "contact"))
    assert play.claim.state.deadline == opened + WEEK


def test_no_contact_is_promised_more_time_than_there_is() -> None:
    play = dynamics_approved()
    play.accepted(play.debt("consent", "contact"), printed_end=play.now + WEEK)
    play.now += 2 * DAY
    play.accepted(play.debt("consent", "technical_contact"), printed_end=play.now + WEEK)
    assert play.claim.state.deadline == play.now + WEEK


def test_a_notice_still_under_way_when_the_window_is_over_is_void() -> None:
    play = dynamics_approved()
    play.accepted(play.debt("consent", "contact"))
    play.now += WEEK
    play.tick()
    assert play.claim.state.consent == "lapsed"
    assert play.debts("consent") == []


def test_with_two_contacts_it_is_held_only_when_no_notice_is_left() -> None:
    play = dynamics_approved()
    play.bounced(play.debt("consent", "contact"))
    assert (play.claim.state.consent, len(play.debts("undeliverable"))) == ("pending", 2)
    play.bounced(play.debt("consent", "technical_contact"))
    assert play.claim.state.consent == "held"
    assert {debt.facts["contact"] for debt in play.debts("undeliverable")} == {
        "contact",
        "technical_contact",
    }


def test_a_contact_who_was_not_reached_may_be_asked_again_while_the_window_runs() -> None:
    play = dynamics_approved()
    play.pay(refused=["technical_contact"])
    ends = play.claim.state.deadline
    play.tell("edit", changes={"technical_contact": CONTACT})
    play.confirm("technical_contact")
    assert kinds(play.pay()) == ["consent → technical_contact"]
    assert play.claim.state.deadline == ends


def test_a_second_try_for_one_contact_calls_nobody_when_the_other_was_told() -> None:
    play = dynamics_approved()
    play.pay(refused=["technical_contact"])
    play.tell("retry")
    play.pay(refused=["technical_contact"])
    told = play.wait(until=play.now + 90 * DAY)
    assert kinds(told) == ["handed_off → partner", "official → partner"]


def test_a_technical_contact_who_is_needed_cannot_be_taken_away() -> None:
    play = dynamics_approved()
    refused = play.refuses("invalid", "edit", changes={"technical_contact": None})
    assert refused.text == "changes.technical_contact: needed under osu-business-applications"


# Nobody was reached


def test_thirty_days_without_a_notice_that_arrived_call_people_once_and_never_consent() -> None:
    play = held()
    told = play.wait(until=play.now + 90 * DAY)
    assert kinds(told) == ["escalated → lead", "escalated → operators"]
    assert told[0].facts["since"] == "2026-03-02T09:00:00Z"
    assert (play.claim.state.consent, play.claim.state.official_since) == ("held", None)


def test_further_tries_call_nobody_again() -> None:
    play = held()
    play.wait(until=play.now + 31 * DAY)
    play.tell("retry")
    play.pay(refused=["contact"])
    assert play.wait(until=play.now + 90 * DAY) == []


def test_the_thirty_days_count_from_the_approval_whatever_is_tried_meanwhile() -> None:
    play = approved()
    since = play.now
    play.now += 20 * DAY
    play.tell("edit", changes={"customer_contact": CONTACT})
    play.confirm()
    play.claim.late(play.claim.state.asked["contact"].notice_id, "no answer", play.now)
    wake = play.claim.next_wake()
    assert wake is not None
    assert wake.at == since + 30 * DAY


def test_a_first_try_needs_no_timer_beside_it_until_shortly_before_the_thirty_days_end() -> None:
    play = approved()
    assert play.claim.next_wake() is None
    play.now += 30 * DAY - timedelta(minutes=30)
    play.tell("edit", changes={"customer_contact": CONTACT})
    play.confirm()
    wake = play.claim.next_wake()
    assert wake is not None
    assert wake.at == play.now + timedelta(minutes=30)


def test_a_notice_that_arrives_after_all_opens_the_window() -> None:
    play = held()
    play.wait(until=play.now + 40 * DAY)
    play.tell("retry")
    play.pay()
    play.wait(until=play.now + WEEK)
    assert play.claim.state.consent == "lapsed"


# No


@pytest.mark.parametrize("so_far", [approved, consent_running])
def test_a_customer_may_say_no_until_the_window_is_over(so_far: Callable[[], Play]) -> None:
    play = so_far()
    play.tell("decline", note="We work with somebody else.")
    assert (play.claim.state.status, play.claim.state.consent) == (Status.REJECTED, "declined")
    assert [each.reason for each in play.claim.state.reasons] == ["customer_decline"]
    assert kinds(play.pay("declined")) == [
        "declined → contact",
        "declined → partner",
        "declined → reviewers",
    ]


def test_a_no_while_the_notice_is_held_counts_and_needs_no_mail_to_the_dead_address() -> None:
    play = held()
    play.tell("decline", notice_id="CPOR-7Q2M4X.consent.1.contact")
    assert kinds(play.pay("declined")) == ["declined → partner", "declined → reviewers"]


def test_both_contacts_may_say_no_and_both_are_told() -> None:
    play = dynamics_approved()
    play.pay()
    play.tell("decline", by=TECHNICAL)
    assert kinds(play.pay("declined")) == [
        "declined → contact",
        "declined → partner",
        "declined → reviewers",
        "declined → technical_contact",
    ]


def test_a_no_seen_before_the_timer_is_in_time() -> None:
    play = consent_running()
    play.now += WEEK + DAY
    assert play.tell("decline").outcome == "accepted"


def test_a_customer_names_the_contact_never_an_address() -> None:
    play = consent_running()
    by = {"role": "customer", "id": "lars@contoso.example"}
    refused = play.refuses("invalid", "decline", by=by)
    assert refused.text == "by.id: must be contact or technical_contact"


# Withdrawn


def test_a_withdrawal_voids_the_notices_under_way() -> None:
    play = dynamics_approved()
    under_way = play.debts("consent")
    play.tell("withdraw")
    assert play.debts("consent") == []
    for debt in under_way:
        play.answer(debt, NoticeResult(outcome="accepted", at=play.now, token_digest=DIGEST))
    assert (play.claim.state.status, play.claim.state.notice_accepted_at) == (Status.REJECTED, None)


def test_a_withdrawal_is_told_to_a_customer_who_was_asked() -> None:
    play = consent_running()
    play.tell("withdraw")
    assert kinds(play.pay("withdrawn")) == [
        "withdrawn → contact",
        "withdrawn → partner",
        "withdrawn → reviewers",
    ]


def test_a_withdrawal_is_not_told_to_a_customer_who_was_not_reached() -> None:
    play = held()
    play.tell("withdraw")
    assert kinds(play.pay("withdrawn")) == ["withdrawn → partner", "withdrawn → reviewers"]


def test_an_official_association_cannot_be_withdrawn() -> None:
    lapsed().refuses("wrong_status", "withdraw", reason="other")


def test_nothing_lapses_after_a_no() -> None:
    play = consent_running()
    play.now += WEEK - MINUTE
    play.tell("decline")
    play.wait(until=play.now + 90 * DAY)
    assert play.claim.state.consent == "declined"
    assert play.claim.state.handed_off_at is None
