"""How a customer is lost and found again: with two contacts, and when nobody is reached."""

from __future__ import annotations

import pytest

from tests.rules.play import DAY, Play, dynamics_approved, kinds
from tests.rules.returned import SECOND, bounce, bounced

WEEK = 7 * DAY
CONTACT = {"name": "Liv Ek", "email": "liv@contoso.example"}
D365_CONTACT, D365_TECHNICAL = (
    "CPOR-D365.consent.1.contact",
    "CPOR-D365.consent.1.technical_contact",
)


def both_told() -> Play:
    play = dynamics_approved()
    play.pay()
    return play


# Two contacts


@pytest.mark.parametrize("notice_id", [D365_CONTACT, D365_TECHNICAL])
def test_with_two_contacts_the_window_goes_on_while_one_notice_is_left(notice_id: str) -> None:
    play = both_told()
    ends = play.claim.state.deadline
    play.now += DAY
    bounce(play, notice_id)
    assert (play.claim.state.consent, play.claim.state.deadline) == ("pending", ends)
    told = play.pay()
    assert kinds(told) == ["undeliverable → partner", "undeliverable → reviewers"]
    assert {mail.facts["contact"] for mail in told} == {notice_id.rpartition(".")[2]}


def test_with_two_contacts_it_is_held_when_both_came_back() -> None:
    play = both_told()
    bounce(play, D365_CONTACT)
    bounce(play, D365_TECHNICAL)
    assert (play.claim.state.consent, play.clock("consent").state) == ("held", "held")


def test_with_two_contacts_it_is_held_when_the_other_was_refused_before() -> None:
    play = dynamics_approved()
    play.pay(refused=["technical_contact"])
    bounce(play, D365_CONTACT)
    assert (play.claim.state.consent, play.claim.state.deadline) == ("held", None)


def test_the_other_notice_that_arrives_after_a_bounce_opens_a_full_window() -> None:
    play = dynamics_approved()
    play.accepted(play.debt("consent", "contact"))
    technical = play.debt("consent", "technical_contact")
    play.claim.begin(technical, "run-1")
    play.now += 3 * DAY
    bounce(play, D365_CONTACT)
    assert play.claim.state.deadline is None
    play.now += DAY
    play.accepted(technical)
    assert (play.claim.state.consent, play.claim.state.deadline) == ("pending", play.now + WEEK)


def test_whoever_was_lost_may_be_asked_again_while_the_others_window_runs() -> None:
    play = both_told()
    ends = play.claim.state.deadline
    bounce(play, D365_TECHNICAL)
    play.pay()
    play.tell("edit", changes={"technical_contact": CONTACT})
    play.confirm("technical_contact")
    assert kinds(play.pay()) == ["consent → technical_contact"]
    assert play.claim.state.deadline == ends


# Nobody is reached


def test_thirty_days_from_the_bounce_people_are_called_and_the_tries_go_on() -> None:
    play = bounced(days=5)
    since = play.now
    told = play.wait(until=since + 200 * DAY)
    assert kinds(told) == ["escalated → lead", "escalated → operators"]
    assert {mail.facts["since"] for mail in told} == {"2026-03-07T09:00:00Z"}
    assert play.entries("escalated")[0].at == since + 30 * DAY
    play.tell("retry")
    play.pay()
    assert play.claim.state.deadline == play.now + WEEK


def test_a_notice_that_arrives_calls_nobody_until_it_comes_back_in_its_turn() -> None:
    play = bounced()
    play.wait(until=play.now + 29 * DAY)
    play.tell("retry")
    play.pay()
    assert "escalated → lead" not in kinds(play.wait(until=play.now + 2 * DAY))
    bounce(play, SECOND)
    play.pay()
    again = play.now
    assert "escalated → lead" in kinds(play.wait(until=again + 30 * DAY))
    assert [entry.at for entry in play.entries("escalated")] == [again + 30 * DAY]
