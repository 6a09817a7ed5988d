"""An association counts from the end of the window until partner or customer end it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from cpor.rules.effects.notice import NoticeResult
from cpor.rules.lifecycle import Status
from tests.examples import dynamics_opening
from tests.rules.editions import in_each_edition
from tests.rules.play import (
    DAY,
    DIGEST,
    Play,
    approved,
    consent_running,
    handed_off,
    held,
    kinds,
    lapsed,
)

CONTACT = {"name": "Liv Ek", "email": "liv@contoso.example"}


# Ending it


@pytest.mark.parametrize("so_far", [approved, consent_running, held])
def test_before_it_is_official_the_claim_is_withdrawn_not_disassociated(
    so_far: Callable[[], Play],
) -> None:
    play = so_far()
    play.refuses("wrong_status", "disassociate")
    assert play.tell("withdraw").status is Status.REJECTED
    assert play.claim.state.official_since is None


@pytest.mark.parametrize("so_far", [lapsed, handed_off])
def test_once_it_is_official_it_is_disassociated_not_withdrawn(so_far: Callable[[], Play]) -> None:
    play = so_far()
    play.refuses("wrong_status", "withdraw")
    play.tell("disassociate")
    assert [each.reason for each in play.claim.state.reasons] == ["disassociated"]


@pytest.mark.parametrize(
    ("edition", "status"),
    [
        ("2020", Status.REJECTED),
        ("2020-intro", Status.REJECTED),
        ("2023", Status.REJECTED_FINAL),
    ],
)
def test_an_ended_association_is_rejected_and_in_2023_for_good(
    edition: str, status: Status
) -> None:
    play = handed_off(edition=edition)
    play.now += DAY
    assert play.tell("disassociate").status is status
    assert play.claim.state.ended_at == play.now


def test_an_end_needs_a_reason() -> None:
    refused = handed_off().refuses("invalid", "disassociate", reason="")
    assert "reason" in refused.text


def test_partner_customer_and_reviewers_are_told_of_the_end() -> None:
    play = handed_off()
    play.tell("disassociate", reason="We no longer work together.")
    told = play.pay("disassociated")
    assert kinds(told) == [
        "disassociated → contact",
        "disassociated → partner",
        "disassociated → reviewers",
    ]
    assert {mail.facts["reason"] for mail in told} == {"We no longer work together."}


def test_for_dynamics_both_contacts_are_told_of_the_end() -> None:
    play = Play(dynamics_opening())
    play.tell("approve")
    play.pay()
    play.wait(until=play.now + 7 * DAY)
    play.tell("disassociate")
    told = kinds(play.pay("disassociated"))
    assert told[:2] == ["disassociated → contact", "disassociated → partner"]
    assert told[2:] == ["disassociated → reviewers", "disassociated → technical_contact"]


# A customer's late no


@pytest.mark.parametrize("edition", ["2020", "2020-intro"])
def test_in_2020_a_no_after_the_window_ends_nothing_by_itself(edition: str) -> None:
    play = handed_off(edition=edition)
    assert play.tell("decline").status is Status.APPROVED
    assert play.claim.state.waiting_for == "reviewer"


@pytest.mark.parametrize("so_far", [lapsed, handed_off])
def test_in_2023_the_customer_may_say_no_at_any_time(so_far: Callable[..., Play]) -> None:
    play = so_far(edition="2023")
    play.now += 200 * DAY
    assert play.tell("decline").status is Status.REJECTED
    assert (play.claim.state.consent, play.claim.state.ended_at) == ("declined", play.now)
    assert [each.reason for each in play.claim.state.reasons] == ["customer_decline"]
    assert kinds(play.pay("declined")) == [
        "declined → contact",
        "declined → partner",
        "declined → reviewers",
    ]


def test_in_2023_the_newest_link_still_ends_it_after_the_window_an_older_one_is_looked_at() -> None:
    play = held(edition="2023")
    play.tell("edit", changes={"customer_contact": CONTACT})
    play.confirm()
    play.pay()
    play.wait(until=play.now + 7 * DAY)
    play.tell("decline", notice_id="CPOR-7Q2M4X.consent.1.contact")
    assert play.claim.state.is_official
    play.tell("decline", notice_id="CPOR-7Q2M4X.consent.2.contact")
    assert play.claim.state.consent == "declined"


def test_what_the_partner_ended_the_customer_cannot_end_again() -> None:
    play = handed_off(edition="2023")
    play.tell("disassociate")
    play.refuses("wrong_status", "decline")


# As long as it lasts


@in_each_edition
@pytest.mark.parametrize("so_far", [approved, consent_running, lapsed, handed_off])
def test_fresh_evidence_may_be_added_while_the_claim_is_approved(
    so_far: Callable[..., Play], edition: str
) -> None:
    play = so_far(edition=edition)
    play.tell("add_evidence")
    play.sealed()
    assert [file.state for file in play.claim.state.evidence][1:] == ["sealed"]
    assert play.claim.state.status is Status.APPROVED


def test_an_association_lives_until_somebody_ends_it() -> None:
    play = handed_off()
    play.wait(until=play.now + timedelta(days=3650))
    assert not play.claim.state.is_over
    play.tell("disassociate")
    play.pay()
    assert play.claim.state.is_over


def test_a_bounce_changes_nothing_once_the_association_has_ended() -> None:
    play = handed_off()
    play.tell("disassociate")
    mail = play.debt("disassociated", "contact")
    play.answer(mail, NoticeResult(outcome="accepted", at=play.now, token_digest=DIGEST))
    play.tell("bounced", notice_id="CPOR-7Q2M4X.consent.1.contact", detail="550")
    assert (play.claim.state.status, play.claim.state.consent) == (Status.REJECTED, "lapsed")
