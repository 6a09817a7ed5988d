"""The vendor's directory may say where partner and customer are: it adds, and changes nothing."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from cpor.rules.deadlines import Calendar, Calendars, ZoneChange
from cpor.rules.effects.directory import DirectoryResult
from cpor.rules.pinning import PinnedRules, PinQuestion
from cpor.rules.places import ListedPlace
from tests.examples import opening
from tests.rules.play import MONDAY, Play, said

SEATTLE = ListedPlace(region="US-WA", time_zone="America/Los_Angeles")
LONG_AGO = MONDAY - timedelta(days=400)
TOLD = "the partner's days are those of their own, in America/Los_Angeles"


def opened(**place: str) -> Play:
    partner = {**opening()["partner"], "country": "US", **place}
    return Play(opening(partner=partner), directory=True)


def listing(place: ListedPlace) -> DirectoryResult:
    return DirectoryResult(
        outcome="confirmed", at=MONDAY, mpn_id="4912345", places={"partner": place}
    )


def answered(play: Play, place: ListedPlace, **more: Any) -> PinQuestion | None:
    """The directory's answer; the question for days that follows from it."""
    (debt,) = (each for each in play.claim.state.debts if each.kind == "directory")
    play.claim.begin(debt, "run")
    play.claim.paid(debt.id, listing(place).model_copy(update=more), play.now)
    return play.claim.pin_question(play.now)


def days_of(zone: str, hours_ahead: int) -> PinnedRules:
    ahead = ZoneChange(since=LONG_AGO, ahead=hours_ahead * 3600)
    calendar = Calendar(name="their own", zone=zone, offsets=(ahead,))
    return PinnedRules(edition="2020", calendars=Calendars(partner=calendar), directory=True)


def pinned(play: Play, question: PinQuestion) -> None:
    zone = question.partner_zone or "America/New_York"
    play.claim.pin(question, days_of(zone, -8), play.now)


def ask(play: Play) -> Calendar:
    """The partner is asked for more; the days by which the time to answer counts."""
    play.tell("request_info", requests=[{"reason": "missing_all_poe"}])
    return play.claim.state.clocks.calendars.partner


def test_where_the_claim_does_not_say_it_the_directory_does() -> None:
    play = opened()
    question = answered(play, SEATTLE)
    assert question is not None
    assert (question.partner_region, question.partner_zone) == ("US-WA", "America/Los_Angeles")
    pinned(play, question)
    assert play.claim.pin_question(play.now) is None
    assert play.last.text == TOLD
    assert ask(play).zone == "America/Los_Angeles"
    play.pay()
    end = play.clock("answer").end
    assert end is not None
    assert (end - timedelta(hours=8)).hour == 0


@pytest.mark.parametrize(
    ("given", "listed"),
    [
        ({"region": "US-NY"}, SEATTLE),
        ({"region": "US-WA"}, ListedPlace(time_zone="America/New_York")),
        ({"time_zone": "America/New_York"}, SEATTLE),
        ({}, ListedPlace(region="DE-BY", time_zone="Europe/Berlin")),
        ({}, ListedPlace()),
        ({"region": "US-WA", "time_zone": "America/Los_Angeles"}, SEATTLE),
    ],
)
def test_what_contradicts_the_claim_or_adds_nothing_to_it_is_left_out(
    given: dict[str, str], listed: ListedPlace
) -> None:
    assert answered(opened(**given), listed) is None


@pytest.mark.parametrize(
    ("given", "listed", "found"),
    [
        ({"region": "US-WA"}, SEATTLE, ("US-WA", "America/Los_Angeles")),
        (
            {"time_zone": "America/Los_Angeles"},
            ListedPlace(region="US-WA"),
            ("US-WA", "America/Los_Angeles"),
        ),
        ({}, ListedPlace(time_zone="America/Denver"), (None, "America/Denver")),
    ],
)
def test_what_the_claim_says_in_part_the_directory_completes(
    given: dict[str, str], listed: ListedPlace, found: tuple[str | None, str]
) -> None:
    question = answered(opened(**given), listed)
    assert question is not None
    assert (question.partner_region, question.partner_zone) == found


def test_once_a_clock_counts_the_partners_days_they_stay() -> None:
    play = opened()
    before = ask(play)
    assert answered(play, SEATTLE) is None
    assert play.claim.state.clocks.calendars.partner == before


def test_a_clock_that_begins_while_the_days_are_looked_up_keeps_the_days_it_began_with() -> None:
    play = opened()
    before = play.claim.state.clocks.calendars.partner
    question = answered(play, SEATTLE)
    assert question is not None
    play.claim.take("request_info", [said("request_info")], play.now)
    pinned(play, question)
    assert play.claim.state.clocks.calendars.partner == before
    assert play.claim.pin_question(play.now) is None


def test_the_place_of_another_mpn_id_is_not_taken() -> None:
    assert answered(opened(), SEATTLE, mpn_id="7654321") is None


def test_with_another_mpn_id_the_place_is_forgotten() -> None:
    play = opened()
    question = answered(play, SEATTLE)
    assert question is not None
    pinned(play, question)
    play.claim.take("edit", [said("edit", changes={"mpn_id": "7654321"})], play.now)
    again = play.claim.pin_question(play.now)
    assert again is not None
    assert (again.partner_region, again.partner_zone) == (None, None)


def test_days_looked_up_for_a_place_that_was_forgotten_meanwhile_are_looked_up_again() -> None:
    play = opened()
    question = answered(play, SEATTLE)
    assert question is not None
    play.claim.take("edit", [said("edit", changes={"mpn_id": "7654321"})], play.now)
    pinned(play, question)
    again = play.claim.pin_question(play.now)
    assert again is not None
    pinned(play, again)
    assert play.claim.pin_question(play.now) is None
    assert play.claim.state.clocks.calendars.partner.zone == "America/New_York"


def test_a_draft_that_a_no_gave_back_is_submitted_with_the_place_that_the_no_told() -> None:
    play = opened()
    assert answered(play, SEATTLE, outcome="refused", problems=["No."]) is None
    play.claim.take("submit", [said("submit")], play.now)
    question = play.claim.pin_question(play.now)
    assert question is not None
    assert question.partner_region == "US-WA"
