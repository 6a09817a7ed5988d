"""Between its start and the pinning of its rules a claim promises no date that it may not keep."""

from __future__ import annotations

import pytest

from cpor.contract import search_attributes
from cpor.rules import views
from cpor.rules.claim import Claim
from cpor.rules.pinning import PinnedRules
from tests.examples import OPERATOR, REVIEWER, opening
from tests.rules.play import MONDAY


def test_until_the_rules_are_pinned_there_is_no_deadline_and_afterwards_there_is() -> None:
    claim = Claim.open(opening(), MONDAY)
    assert views.view(claim.state).edition is None
    assert views.view(claim.state).deadline is None
    assert views.deadlines(claim.state) == []
    attributes = search_attributes.by_name(search_attributes.of(claim.state))
    assert "ClaimDeadline" not in attributes
    question = claim.pin_question(MONDAY)
    assert question is not None
    rules = PinnedRules(edition="2020", calendars=claim.state.clocks.calendars)
    claim.pin(question, rules, MONDAY)
    assert views.view(claim.state).deadline is not None
    assert [clock.clock for clock in views.deadlines(claim.state)] == ["wait_for_review", "overall"]


@pytest.mark.parametrize("name", ["start_review", "request_info"])
def test_no_decision_before_the_pin_makes_a_deadline_known(name: str) -> None:
    claim = Claim.open(opening(), MONDAY)
    more = {"requests": [{"reason": "missing_all_poe"}]} if name == "request_info" else {}
    claim.take(name, [{"by": REVIEWER, **more}], MONDAY)
    assert claim.state.deadline is None


def test_more_time_that_is_given_before_the_pin_writes_no_date_into_the_history() -> None:
    claim = Claim.open(opening(), MONDAY)
    claim.take("extend", [{"by": OPERATOR, "business_days": 3, "why": "Holidays."}], MONDAY)
    assert claim.state.history[-1].changes == {"wait_for_review.end": [None, None]}
