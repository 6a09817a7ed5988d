"""The portal hears of every change of status, in order, also of those before the rules are pinned.

The workflow pins them when it first runs; whatever was said by then has already happened.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from cpor.rules.claim import Claim
from cpor.rules.debts import AnyDebt
from cpor.rules.effects.directory import DirectoryResult
from cpor.rules.effects.events import EventResult
from cpor.rules.effects.evidence import SealResult
from cpor.rules.effects.notice import NoticeResult
from cpor.rules.effects.record import RecordResult
from tests.examples import opening
from tests.rules.logbook import Driven
from tests.rules.looks import looked
from tests.rules.play import DAY, MINUTE, MONDAY, NO, Play, said
from tests.rules.sequences import Place

STORY = ("submit", "start_review", "request_info", "edit", "submit", "approve")
"""What is said, in this order, until the partner withdraws; a draft's first message is `submit`."""
RUNS = "the loop runs"
PAYS = "the world answers"


class Heard(Driven):
    """A claim, and what the portal was told of it: the data of each event that it took."""

    now: datetime

    def __init__(self, data: Mapping[str, Any], place: Place) -> None:
        super().__init__(data, MONDAY, place)
        self.heard: list[Mapping[str, Any]] = []

    def pays(self) -> None:
        self.loop_runs()
        while payable := self.claim.state.payable:
            for debt in payable:
                if self.claim.state.debt(debt.id):
                    if debt.kind == "event":
                        self.heard.append(debt.payment(self.claim.state, "run-1").data)
                    self.paid(debt, _well(debt, self))
            self.loop_runs()

    def tell(self, name: str) -> None:
        self.hand_in("signal", name, [said(name)])
        self.now += MINUTE

    def goes_through(self, steps: Sequence[str]) -> None:
        for step in steps:
            match step:
                case "the loop runs":
                    self.loop_runs()
                case "the world answers":
                    self.pays()
                case _:
                    self.tell(step)


def _well(debt: AnyDebt, claim: Driven) -> BaseModel:
    match debt.kind:
        case "notice":
            return NoticeResult(outcome="accepted", at=claim.now)
        case "seal":
            return SealResult(states=dict.fromkeys(debt.facts.files, "sealed"))
        case "look":
            return looked(debt.facts.files)
        case "directory":
            return DirectoryResult(outcome="confirmed", at=claim.now)
        case "record":
            return RecordResult(outcome="kept", at=claim.now)
        case _:
            return EventResult(outcome="taken", at=claim.now)


def statuses_in_history(claim: Claim) -> list[str]:
    return [
        entry.changes["status"][1] for entry in claim.state.history if "status" in entry.changes
    ]


moments = st.tuples(
    st.booleans(),
    st.integers(0, len(STORY)),
    st.lists(st.sampled_from([None, RUNS, PAYS]), min_size=len(STORY), max_size=len(STORY)),
)
"""A draft or not; how much is said before the partner withdraws; what runs between."""


@pytest.mark.parametrize("claims", [40, pytest.param(200, marks=pytest.mark.thorough)])
def test_of_claims_withdrawn_at_any_moment_the_portal_hears_every_status_in_order(
    claims: int,
) -> None:
    tried = settings(max_examples=claims, derandomize=True)
    tried(given(moments, st.booleans())(every_status_is_heard_in_order))()


def every_status_is_heard_in_order(
    moment: tuple[bool, int, list[str | None]], directory: bool
) -> None:
    is_draft, length, between = moment
    place = Place(portal=True, directory=directory, real_days=False)
    claim = Heard(opening(submit=not is_draft), place)
    story = STORY if is_draft else STORY[1:]
    for name, runs in zip(story[:length], between, strict=False):
        claim.goes_through([*([runs] if runs else []), name])
    claim.tell("withdraw")
    claim.pays()
    assert claim.claim.state.is_over
    statuses = [status for status, _ in groupby(event["status"] for event in claim.heard)]
    assert statuses == statuses_in_history(claim.claim)
    numbers = [event["seq"] for event in claim.heard]
    assert numbers == sorted(set(numbers))
    assert [each.data for each in claim.claim.state.news] == claim.heard
    claim.is_told_the_same_again()


@pytest.mark.parametrize("is_draft", [True, False])
def test_where_no_portal_wants_to_be_told_nothing_is_owed_to_it(is_draft: bool) -> None:
    claim = Heard(opening(submit=not is_draft), Place(real_days=False))
    claim.tell("withdraw")
    assert {debt.kind for debt in claim.claim.state.payable} <= {"notice", "seal", "directory"}
    claim.loop_runs()
    assert not [debt for debt in claim.claim.state.debts if debt.kind == "event"]
    claim.pays()
    assert claim.claim.state.is_over


@pytest.mark.parametrize("before_the_pin", [[], ["request_info"]])
def test_a_portal_that_came_to_be_known_at_a_second_submission_hears_of_all_from_there_on(
    before_the_pin: list[str],
) -> None:
    claim = Heard(opening(), Place(real_days=False, directory=True))
    claim.loop_runs()
    no = DirectoryResult(outcome="refused", at=claim.now, problems=[NO])
    (question,) = [debt for debt in claim.claim.state.debts if debt.kind == "directory"]
    claim.paid(question, no)
    claim.place = Place(real_days=False, portal=True)
    assert [debt for debt in claim.claim.state.debts if debt.kind == "event"] == []
    claim.now += MINUTE
    claim.goes_through(["submit", *before_the_pin])
    claim.pays()
    asked = ["Partner action required"] if before_the_pin else []
    assert [event["status"] for event in claim.heard] == ["Submitted", *asked]


def test_what_a_portal_would_have_heard_is_kept_where_there_is_none() -> None:
    told, untold = (
        Heard(opening(), Place(portal=portal, real_days=False)) for portal in (True, False)
    )
    for claim in (told, untold):
        claim.goes_through([RUNS, "approve", PAYS])
        claim.now += 8 * DAY
        claim.hand_in("tick")
        claim.pays()
        claim.tell("disassociate")
        claim.pays()
    assert untold.heard == []
    assert untold.claim.state.news == told.claim.state.news
    kinds = [each.type.rpartition(".")[2] for each in untold.claim.state.news]
    assert kinds == [
        *("changed", "changed", "official", "changed", "changed"),
        *("ended", "changed", "changed"),
    ]


def test_news_are_kept_also_while_the_portal_refuses_them() -> None:
    play = Play(portal=True)
    first = play.debt("event")
    play.claim.park(first.id, "422", play.now)
    play.tell("withdraw")
    listed = play.claim.state.news
    assert [each.data["status"] for each in listed] == ["Submitted", "Rejected"]
    assert listed[0].id == first.id
    assert [each.seq for each in listed] == sorted({each.seq for each in listed})
