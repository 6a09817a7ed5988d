"""Facts that each language says in its own words: how long, until when, in whose zone."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cpor.rules.deadlines import Calendar, Calendars
from cpor.rules.effects.notice import Notice
from tests.examples import opening
from tests.rules.play import Play, approved, asked, dynamics_approved, submitted

CALENDARS = Calendars(
    reviewer=Calendar(zone="America/Los_Angeles"),
    partner=Calendar(zone="Europe/Berlin"),
    customer=Calendar(zone="Europe/Stockholm"),
)


def mails(play: Play) -> dict[str, Notice]:
    return {mail.kind: mail for mail in play.paid if isinstance(mail, Notice)}


def test_a_deadline_travels_as_an_instant_a_zone_and_a_number_of_days() -> None:
    deadline = mails(submitted())["submitted"].facts["deadline"]
    assert set(deadline) == {"at", "zone", "amount", "unit"}
    assert (deadline["amount"], deadline["unit"]) == (5, "business days")


def test_a_request_prints_the_end_of_the_time_that_its_arrival_begins() -> None:
    mail = mails(asked())["info_requested"]
    assert (mail.facts["deadline"], mail.promise and str(mail.promise.window)) == (
        None,
        "5 business days",
    )


def test_an_approval_knows_how_long_the_customer_has() -> None:
    assert mails(approved())["approved"].facts["window"] == {"amount": 7, "unit": "days"}


def test_an_approval_knows_whether_one_contact_is_asked_or_both() -> None:
    assert mails(approved())["approved"].facts["both_contacts"] is False
    assert mails(dynamics_approved())["approved"].facts["both_contacts"] is True


def test_a_mail_that_tells_an_instant_knows_the_zone_of_its_reader() -> None:
    play = Play(opening(), calendars=CALENDARS)
    play.pay()
    play.tell("approve")
    play.pay()
    play.wait(play.now + timedelta(days=8))
    play.pay()
    assert mails(play)["official"].facts["zone"] == "Europe/Berlin"
    deadline = mails(play)["to_review"].facts["deadline"]
    assert deadline["zone"] == "America/Los_Angeles"


@pytest.mark.parametrize(("edition", "later"), [("2020", False), ("2023", True)])
def test_the_customer_reads_whether_a_no_is_possible_later_too(edition: str, later: bool) -> None:
    play = Play(opening(edition=edition))
    play.pay()
    play.tell("approve")
    play.pay()
    assert mails(play)["consent"].facts["any_time"] is later
