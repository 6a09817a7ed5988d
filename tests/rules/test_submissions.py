"""What a submission sets going: the directory is asked, the rules and days are pinned."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from typing import Literal

import pytest

from cpor.rules.deadlines import Calendar, Calendars
from cpor.rules.effects.directory import DirectoryResult
from cpor.rules.lifecycle import Status
from tests.examples import opening
from tests.rules.play import (
    DAY,
    MONDAY,
    NEXT_MONDAY,
    NO,
    SECOND,
    THURSDAY,
    TUESDAY,
    WEDNESDAY,
    Play,
    asked,
    asked_in_dispute,
    draft,
    kinds,
    midnight_after,
    rejected,
    under_review,
)

DATES = ("first_submitted_at", "submitted_at", "edition", "reviewer", "deadline")


def asking(**changes: str) -> Play:
    """Just submitted, where there is a directory."""
    return Play(opening(**changes), directory=True)


def directory_says(
    play: Play, outcome: Literal["confirmed", "refused", "not checked"], detail: str = ""
) -> None:
    problems = [NO] if outcome == "refused" else []
    result = DirectoryResult(outcome=outcome, at=play.now, problems=problems, detail=detail)
    play.answer(play.debt("directory"), result)


def sent_back() -> Play:
    """The first submission, on Monday, was no good; the partner knows on Tuesday."""
    play = asking()
    play.now = TUESDAY
    directory_says(play, "refused")
    play.pay()
    return play


def answered(so_far: Callable[..., Play] = asked, **changes: str) -> Play:
    """An answer, on Wednesday, of which the directory is asked."""
    play = so_far(**changes)
    play.claim.state.has_directory = True
    play.now = WEDNESDAY
    play.tell("submit")
    return play


# The directory


def test_the_directory_is_asked_what_only_it_knows() -> None:
    play = asking()
    question = play.claim.begin(play.debt("directory"), "run-1").model_dump()
    assert question["tenant_id"] == "5f1c6d3e-8c0b-4f3c-9d2a-0b8f6f1f7a11"
    assert (question["domain"], question["mpn_id"]) == ("contoso.example", "4912345")
    assert (question["program"], len(question["products"])) == ("osu-m365", 2)


def test_where_there_is_no_directory_the_history_says_not_checked() -> None:
    play = Play()
    (entry,) = play.entries("directory")
    assert entry.text.startswith("not checked")
    assert kinds(play.pay()) == ["submitted → partner", "to_review → reviewers"]


def test_partner_and_reviewers_are_told_once_it_has_confirmed_the_claim() -> None:
    play = asking()
    assert play.pay("notice", "seal") == []
    directory_says(play, "confirmed")
    assert kinds(play.pay()) == ["submitted → partner", "to_review → reviewers"]
    assert play.claim.state.status is Status.SUBMITTED


def test_where_it_cannot_say_the_history_tells_and_the_claim_goes_on() -> None:
    play = asking()
    directory_says(play, "not checked", "no answer in time")
    (entry,) = play.entries("directory")
    assert entry.text == "not checked: no answer in time"
    assert kinds(play.pay()) == ["submitted → partner", "to_review → reviewers"]


def test_a_submission_it_does_not_confirm_is_a_draft_again_and_only_the_partner_is_told() -> None:
    play = asking()
    directory_says(play, "refused")
    assert (play.claim.state.status, play.claim.state.waiting_for) == (Status.EDITING, "partner")
    (mail,) = play.pay()
    assert (mail.kind, mail.recipient) == ("submission_refused", "partner")
    assert mail.facts["problems"] == [NO]
    assert NO in play.entries("directory")[0].text


@pytest.mark.parametrize("name", DATES)
def test_it_was_never_submitted(name: str) -> None:
    assert getattr(sent_back().claim.state, name) is None


def test_so_it_is_also_when_a_reviewer_had_begun() -> None:
    play = asking()
    play.tell("start_review")
    directory_says(play, "refused")
    assert (play.claim.state.status, play.claim.state.reviewer) == (Status.EDITING, None)
    assert (play.claim.state.clocks.running(), play.claim.next_wake()) == ([], None)


def test_everything_may_be_edited_again_and_its_proof_is_still_there() -> None:
    play = sent_back()
    assert set(play.claim.state.editable) == set(draft().claim.state.editable)
    customer = {**opening()["customer"], "domain": "contoso.se"}
    play.tell("edit", changes={"customer": customer})
    assert play.claim.state.customer.domain == "contoso.se"
    assert len(play.claim.state.evidence) == 1


def test_the_next_submission_is_the_first_one() -> None:
    play = sent_back()
    play.now = THURSDAY
    play.tell("submit")
    assert play.claim.state.first_submitted_at == play.claim.state.submitted_at == THURSDAY
    assert [each.started_at for each in play.claim.state.clocks.ledger] == [THURSDAY, THURSDAY]
    assert play.clock("wait_for_review").end == midnight_after(THURSDAY + 7 * DAY)
    assert play.clock("overall").end == midnight_after(THURSDAY + 14 * DAY)
    directory_says(play, "refused")
    assert play.claim.state.status is Status.EDITING


def test_the_next_submission_pins_the_days_as_they_are_then() -> None:
    play = sent_back()
    closed = Calendar(holidays={date(2026, 3, 9): "A new holiday"})
    play.calendars = Calendars(reviewer=closed)
    play.now = THURSDAY
    play.tell("submit")
    assert play.clock("wait_for_review").end == midnight_after(THURSDAY + 8 * DAY)


@pytest.mark.parametrize("edition", ["2020", "2020-intro", "2023"])
def test_an_answer_it_does_not_confirm_is_one_more_question_with_the_full_time(
    edition: str,
) -> None:
    play = answered(edition=edition)
    play.now = THURSDAY
    directory_says(play, "refused")
    assert play.claim.state.status is Status.PARTNER_ACTION
    assert [(each.reason, each.note) for each in play.claim.state.requests] == [("other", NO)]
    assert kinds(play.pay()) == ["info_requested → partner"]
    assert play.clock("answer").started_at == THURSDAY
    assert len(play.clock("answer").counted) == (14 if edition == "2023" else 5)
    assert play.claim.state.first_submitted_at == MONDAY


def test_no_answer_to_that_question_is_no_answer() -> None:
    play = answered()
    directory_says(play, "refused")
    play.pay()
    play.wait(until=WEDNESDAY + 14 * DAY)
    assert [each.reason for each in play.claim.state.reasons] == ["no_partner_response"]
    play.tell("dispute")
    play.refuses("same_reviewer", "approve")


def test_in_a_dispute_too_and_no_answer_loses_it() -> None:
    play = answered(asked_in_dispute)
    directory_says(play, "refused")
    assert (play.claim.state.status, play.claim.state.in_dispute) == (Status.PARTNER_ACTION, True)
    play.refuses("same_reviewer", "assign", reviewer="kim")
    play.pay()
    play.wait(until=WEDNESDAY + 14 * DAY)
    assert play.claim.state.status is Status.REJECTED_FINAL


@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_a_no_after_the_decision_is_written_down_and_changes_nothing(decision: str) -> None:
    play = asking()
    play.tell(decision)
    before = play.claim.state.status, play.claim.state.clocks, play.claim.state.first_submitted_at
    directory_says(play, "refused")
    assert (
        play.claim.state.status,
        play.claim.state.clocks,
        play.claim.state.first_submitted_at,
    ) == before
    assert NO in play.entries("directory")[0].text


@pytest.mark.parametrize("so_far", [rejected, under_review])
def test_nobody_is_asked_but_at_a_submission(so_far: Callable[[], Play]) -> None:
    play = so_far()
    play.claim.state.has_directory = True
    play.tell("comment")
    if play.claim.state.status is Status.REJECTED:
        play.tell("dispute")
    assert play.debts("directory") == []


# The edition


def test_the_edition_named_at_the_opening_is_asked_for_and_the_worker_chooses_otherwise() -> None:
    for named, wanted in (("2023", "2023"), (None, None)):
        play = draft(edition=named)
        assert play.claim.state.edition is None
        play.claim.take("submit", [{"by": {"role": "partner", "id": "ada"}}], MONDAY)
        question = play.claim.pin_question(MONDAY)
        assert question is not None
        assert question.edition == wanted


def test_the_edition_named_at_the_opening_holds_for_the_next_submission_too() -> None:
    play = asking(edition="2023")
    directory_says(play, "refused")
    assert play.claim.state.edition is None
    play.tell("submit")
    assert (play.claim.state.edition, play.clock("wait_for_review").window.amount) == ("2023", 14)


# The days


def test_days_known_at_submission_stay_as_they_are_and_only_later_ones_are_added() -> None:
    last = date(2027, 4, 6)  # a Tuesday, 400 days after
    play = Play(opening(edition="2020-intro"), calendars=of(Calendar(through=last)))
    play.pay()
    play.tell("approve")
    play.pay(refused=["contact"])
    new = {date(2027, 4, 5): "Moved here", date(2027, 4, 8): "A new holiday"}
    play.calendars = of(Calendar(holidays=new, through=date(2028, 4, 6)))
    play.now = datetime(2027, 4, 4, 9, tzinfo=UTC)
    play.tell("retry")
    play.pay()
    counted = [day.day for day in play.clock("consent").counted]
    assert counted == [5, 6, 7, 9, 12]
    assert play.clock("consent").skipped[0].why == "A new holiday"


def of(calendar: Calendar) -> Calendars:
    return Calendars(reviewer=calendar, partner=calendar, customer=calendar)


# An answer


def test_in_2023_an_answer_waits_to_be_taken_up_anew() -> None:
    play = asked(edition="2023")
    play.now = THURSDAY
    assert play.tell("submit").status is Status.SUBMITTED
    wait = play.clock("wait_for_review")
    assert (wait.started_at, len(wait.counted)) == (THURSDAY, 14)
    play.now = NEXT_MONDAY
    play.tell("start_review", by=SECOND)
    assert (play.clock("review").started_at, play.claim.state.reviewer) == (NEXT_MONDAY, "lee")
    assert len(play.clock("review").counted) == 14


@pytest.mark.parametrize("edition", ["2020", "2020-intro"])
def test_in_2020_an_answer_goes_back_to_the_same_reviewer_whose_clock_goes_on(edition: str) -> None:
    play = asked(edition=edition)
    play.now = THURSDAY
    assert play.tell("submit").status is Status.UNDER_REVIEW
    assert (play.clock("review").started_at, play.claim.state.reviewer) == (MONDAY, "kim")
    assert play.claim.state.first_submitted_at == MONDAY


@pytest.mark.parametrize("so_far", [asked, partial(asked, edition="2023")])
def test_an_answer_may_change_nothing_and_the_reviewers_are_told_so(
    so_far: Callable[[], Play],
) -> None:
    play = so_far()
    play.tell("submit")
    (mail,) = play.pay()
    assert (mail.kind, mail.facts["unchanged"]) == ("to_review", True)
