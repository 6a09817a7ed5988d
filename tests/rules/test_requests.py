"""A partner is not rejected for a silence that it could not break."""

from __future__ import annotations

import pytest

from cpor.rules import views
from cpor.rules.lifecycle import Status
from tests.rules.play import (
    DAY,
    MINUTE,
    NEXT_MONDAY,
    THURSDAY,
    TUESDAY,
    WEDNESDAY,
    Play,
    asked,
    kinds,
    midnight_after,
    under_review,
)

REQUEST = "CPOR-7Q2M4X.info_requested.1.partner"


def requested() -> Play:
    """Asked, and the mail has not gone yet."""
    play = under_review()
    play.tell("request_info")
    return play


def refused() -> Play:
    play = requested()
    told = play.pay(refused=["partner"])
    assert kinds(told) == ["info_requested → partner", "unreached → reviewers"]
    return play


def state(play: Play) -> str:
    return play.clock("answer").state


def test_the_time_to_answer_begins_when_the_mail_has_arrived() -> None:
    play = requested()
    assert (state(play), play.claim.state.deadline) == ("waiting", None)
    play.now = WEDNESDAY
    play.pay()
    assert play.clock("answer").started_at == WEDNESDAY
    assert play.claim.state.deadline == midnight_after(NEXT_MONDAY + 2 * DAY)


def test_while_no_server_takes_the_mail_nobody_is_rejected() -> None:
    play = requested()
    play.claim.begin(play.debt("info_requested"), "run-1")
    play.claim.late(REQUEST, "connection refused", play.now)
    for _ in range(40):
        play.now += DAY
        play.tick()
    assert play.claim.state.status is Status.PARTNER_ACTION


def test_where_it_was_refused_the_time_stands_and_reviewers_are_told() -> None:
    play = refused()
    assert state(play) == "held"
    assert views.deadlines(play.claim.state)[-1].end is None
    play.wait(until=play.now + 100 * DAY)
    assert play.claim.state.status is Status.PARTNER_ACTION


def test_where_it_comes_back_the_time_stands_too() -> None:
    play = asked()
    play.now = TUESDAY
    play.tell("bounced", notice_id=REQUEST, detail="550 no such mailbox")
    assert (state(play), play.claim.state.deadline) == ("held", None)
    assert kinds(play.pay()) == ["unreached → reviewers"]
    play.wait(until=play.now + 100 * DAY)
    assert play.claim.state.status is Status.PARTNER_ACTION


@pytest.mark.parametrize("message", ["comment", "edit", "add_evidence"])
def test_it_begins_in_full_when_the_partner_is_seen(message: str) -> None:
    play = refused()
    play.now = THURSDAY
    play.tell(message)
    assert (state(play), play.clock("answer").started_at) == ("running", THURSDAY)
    assert play.claim.state.deadline == midnight_after(THURSDAY + 7 * DAY)
    play.wait(until=play.claim.state.deadline or play.now)
    assert play.claim.state.status is Status.REJECTED


def test_a_reviewers_comment_shows_nothing_of_the_partner() -> None:
    play = refused()
    play.tell("comment", by={"role": "reviewer", "id": "kim"}, text="Are you there?")
    assert state(play) == "held"


def test_who_was_seen_since_the_request_knows_of_it_whatever_comes_back() -> None:
    play = asked()
    play.tell("comment")
    ends = play.claim.state.deadline
    play.tell("bounced", notice_id=REQUEST, detail="550 no such mailbox")
    assert (state(play), play.claim.state.deadline) == ("running", ends)
    assert "undeliverable → reviewers" in kinds(play.pay())


def test_who_spoke_before_the_request_was_not_seen_since() -> None:
    play = under_review()
    play.tell("comment")
    play.tell("request_info")
    play.pay()
    play.tell("bounced", notice_id=REQUEST, detail="550 no such mailbox")
    assert state(play) == "held"


def test_a_partner_seen_before_the_mail_arrives_has_what_the_mail_prints() -> None:
    play = requested()
    debt = play.debt("info_requested")
    play.claim.begin(debt, "run-1")
    play.tell("comment")
    play.now = WEDNESDAY
    printed = midnight_after(NEXT_MONDAY + 2 * DAY)
    play.accepted(debt, printed_end=printed)
    assert play.claim.state.deadline == printed


def test_an_operators_retry_sends_it_again_and_the_time_begins_with_its_arrival() -> None:
    play = refused()
    play.now = WEDNESDAY
    play.tell("retry")
    assert kinds(play.pay()) == ["info_requested → partner"]
    assert play.clock("answer").started_at == WEDNESDAY


def test_so_it_does_where_the_mail_came_back() -> None:
    play = asked()
    play.tell("bounced", notice_id=REQUEST, detail="550 no such mailbox")
    play.pay()
    play.now = WEDNESDAY
    play.tell("retry")
    (mail,) = play.pay()
    assert mail.notice_id == "CPOR-7Q2M4X.info_requested.2.partner"
    assert mail.facts["requests"][0]["reason"] == "missing_all_poe"
    assert play.clock("answer").started_at == WEDNESDAY


def test_a_bounce_that_is_quicker_than_the_mail_servers_yes_counts_once_it_is_said_again() -> None:
    play = requested()
    debt = play.debt("info_requested")
    play.claim.begin(debt, "run-1")
    play.refuses("not_yet", "bounced", notice_id=REQUEST, detail="550 no such mailbox")
    play.accepted(debt)
    play.tell("bounced", notice_id=REQUEST, detail="550 no such mailbox")
    assert state(play) == "held"


def test_a_bounce_of_an_older_request_moves_nothing() -> None:
    play = asked()
    play.tell("submit")
    play.tell("request_info")
    play.pay()
    play.tell("bounced", notice_id=REQUEST, detail="550 no such mailbox")
    assert state(play) == "running"


def test_a_bounce_after_the_answer_moves_nothing() -> None:
    play = asked()
    play.tell("submit")
    before = play.claim.state.clocks
    play.tell("bounced", notice_id=REQUEST, detail="550 no such mailbox")
    assert play.claim.state.clocks == before


def test_the_lead_hears_again_of_a_partner_who_cannot_be_reached() -> None:
    play = refused()
    assert kinds(play.wait(until=play.now + 16 * DAY)) == ["unreached → lead"] * 2
    play.tell("comment")
    play.pay()
    assert play.wait(until=play.now + MINUTE) == []


def test_an_answer_ends_it_however_the_mail_fared() -> None:
    play = refused()
    assert play.tell("submit").status is Status.UNDER_REVIEW
    assert state(play) == "stopped"
