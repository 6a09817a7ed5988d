"""A rejection may be disputed for 30 days, unless it is what customer or partner wanted."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest

from cpor.rules.lifecycle import Status
from tests.examples import dynamics_opening, proof
from tests.rules.editions import EDITIONS, in_each_edition
from tests.rules.mails import one
from tests.rules.play import (
    DAY,
    MINUTE,
    MONDAY,
    SECOND,
    Play,
    approved,
    asked,
    declined,
    disputed,
    draft,
    fields_of,
    handed_off,
    kinds,
    rejected,
    submitted,
    under_review,
    withdrawn,
)


def disassociated(edition: str) -> Play:
    play = handed_off(edition=edition)
    play.tell("disassociate")
    return play


def withdrawn_in_dispute() -> Play:
    play = disputed()
    play.tell("withdraw")
    return play


# The window


@in_each_edition
def test_a_rejection_may_be_disputed_for_30_days(edition: str) -> None:
    play = rejected(edition=edition)
    assert play.claim.state.deadline == MONDAY + 30 * DAY
    assert play.claim.state.waiting_for == "partner"
    play.wait(until=MONDAY + 30 * DAY - MINUTE)
    assert play.tell("dispute").status is Status.DISPUTED


def test_the_rejection_says_until_when_it_may_be_disputed() -> None:
    play = under_review()
    play.tell("reject")
    assert one(play.pay(), "rejected", "partner").facts["dispute_until"]["at"] == (
        "2026-04-01T09:00:00Z"
    )


def test_after_30_days_the_claim_is_over() -> None:
    play = rejected()
    play.wait(until=MONDAY + 30 * DAY)
    assert (play.claim.state.ended_at, play.claim.state.waiting_for) == (
        MONDAY + 30 * DAY,
        "nobody",
    )
    assert play.claim.state.is_over
    for name in ("dispute", "comment", "extend"):
        play.refuses("wrong_status", name)


def test_a_dispute_seen_before_the_timer_is_in_time() -> None:
    play = rejected()
    play.now += 31 * DAY
    play.tell("dispute")
    play.tick()
    assert play.claim.state.status is Status.DISPUTED


def test_while_it_may_be_disputed_both_sides_may_comment() -> None:
    play = rejected()
    play.tell("comment")
    play.tell("comment", by=SECOND, text="Page 3 does not.")
    assert kinds(play.pay()) == ["commented → partner", "commented → reviewers"]
    assert play.claim.state.deadline == MONDAY + 30 * DAY


@pytest.mark.parametrize("so_far", [draft, submitted, under_review, asked, approved])
def test_only_a_rejection_can_be_disputed(so_far: Callable[[], Play]) -> None:
    so_far().refuses("wrong_status", "dispute")


@pytest.mark.parametrize(
    "so_far",
    [
        declined,
        withdrawn,
        withdrawn_in_dispute,
        *(partial(disassociated, edition) for edition in EDITIONS),
    ],
)
def test_what_customer_or_partner_wanted_cannot_be_disputed(so_far: Callable[[], Play]) -> None:
    play = so_far()
    assert (play.claim.state.ended_at, play.claim.state.deadline) == (play.now, None)
    play.refuses("not_disputable", "dispute")
    play.refuses("wrong_status", "comment")


def test_a_reviewer_cannot_say_that_the_partner_asked_for_it() -> None:
    play = under_review()
    with_it = [{"reason": "insufficient_poe"}, {"reason": "partner_request"}]
    refused = play.refuses("invalid", "reject", reasons=with_it)
    assert fields_of(refused).keys() == {"reasons.1.reason"}
    play.tell("reject")
    assert play.tell("dispute").outcome == "accepted"


# What a dispute says


def test_a_dispute_may_just_say_why() -> None:
    play = rejected()
    play.tell("dispute", justification="Page 3 names the product.")
    assert len(play.claim.state.evidence) == 1
    facts = one(play.pay(), "to_review", "reviewers").facts
    assert (facts["because"], facts["files_added"]) == ("dispute", 0)


def test_a_dispute_may_just_bring_evidence() -> None:
    play = rejected()
    play.tell("dispute", evidence=[proof(b"a signature", "signed.pdf")])
    assert [file.name for file in play.claim.state.evidence] == ["sow.pdf", "signed.pdf"]
    assert len(play.debts("seal")) == 1
    assert one(play.pay(), "to_review", "reviewers").facts["files_added"] == 1


def test_a_dispute_that_says_nothing_is_none() -> None:
    refused = rejected().refuses("invalid", "dispute", evidence=[])
    assert "needs a justification, or evidence, or both" in refused.text


def test_the_20_files_a_claim_may_have_hold_in_a_dispute_too() -> None:
    play = rejected()
    files = [proof(bytes([number]), f"{number}.pdf") for number in range(20)]
    play.refuses("too_much", "dispute", evidence=files)
    play.refuses("invalid", "dispute", evidence=[files[0], files[0]])
    play.tell("dispute", evidence=files[:19])
    assert len(play.claim.state.evidence) == 20


# Who is told


def test_the_reviewers_are_told_the_six_facts() -> None:
    play = rejected()
    play.tell("dispute", justification="Page 3 names Teams.")
    mail = one(play.pay(), "to_review", "reviewers")
    six = mail.facts["dispute"]
    assert six["mpn_id"] == "4912345"
    assert six["program"] == "osu-m365"
    assert six["claim_id"] == "CPOR-7Q2M4X"
    assert [each["name"] for each in six["products"]] == ["Teams", "Exchange Online"]
    assert six["tenant_id"] == "5f1c6d3e-8c0b-4f3c-9d2a-0b8f6f1f7a11"
    assert six["details"] == "Page 3 names Teams."
    assert mail.facts["deadline"]["at"] == "2026-03-10T00:00:00Z"


def test_among_the_six_facts_are_the_subscriptions() -> None:
    play = Play(dynamics_opening())
    play.tell("reject")
    play.pay()
    play.tell("dispute")
    (product,) = one(play.pay(), "to_review", "reviewers").facts["dispute"]["products"]
    assert product["subscription_id"] == "0d3f7a52-6a4e-4a8e-9f52-1f0f3a5f7c01"


def test_the_six_facts_are_told_also_when_the_mail_went_out_after_the_decision() -> None:
    play = rejected()
    play.tell("dispute")
    play.tell("approve", by=SECOND)
    assert one(play.pay(), "to_review", "reviewers").facts["dispute"] is not None


def test_the_partner_is_told_that_a_second_reviewer_decides_and_until_when() -> None:
    play = rejected()
    assert play.tell("dispute").text == "Noted. A second reviewer decides."
    mails = play.pay()
    assert kinds(mails) == ["disputed → partner", "to_review → reviewers"]
    assert one(mails, "disputed", "partner").facts["due"]["at"] == "2026-03-10T00:00:00Z"


def test_who_has_disputed_a_rejection_is_not_told_of_it_afterwards() -> None:
    """Its mail would say that the rejection cannot be disputed."""
    play = under_review()
    play.tell("reject")
    play.tell("dispute")
    assert kinds(play.pay()) == ["disputed → partner", "to_review → reviewers"]
