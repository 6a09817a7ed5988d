"""Claims and their tenant's associations, with calls that are lost, doubled, late and out of order.

The claims here only know what is promised of real ones: they number their calls, say the last one
until it is answered, and go by the newest word.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from cpor.rules.associations.calls import Answer
from cpor.rules.associations.state import News
from tests.rules.machines import tried
from tests.rules.tenant import EXCHANGE, INTUNE, TEAMS, Tenant

CLAIMS = ("CPOR-A", "CPOR-B", "CPOR-C", "CPOR-D")
ITEMS = (TEAMS, EXCHANGE, INTUNE)


@dataclass
class Wisher:
    """A claim, as far as it matters here. `Approved` is what it has told people."""

    id: str
    status: Literal["Draft", "Asks", "Approved", "Over"] = "Draft"
    items: list[str] = field(default_factory=list[str])
    rivals: list[str] = field(default_factory=list[str])
    unanswered: tuple[str, dict[str, Any]] | None = None
    award: int = 0
    """The number of its award that was not refused or taken from it, so far as it knows."""
    heard: list[str] = field(default_factory=list[str])
    displaced: int = 0

    def answered(self, name: str, number: int, answer: Answer) -> None:
        if self.unanswered is None or self.unanswered[1]["round"] != number:
            return
        assert answer.outcome != "overtaken"
        self.unanswered = None
        self.rivals = [each.claim_id for each in answer.rivals]
        if name == "award" and answer.outcome == "granted":
            self.status = "Approved"
        elif name == "award":
            self.award = 0

    def hears(self, news: News) -> None:
        if news.id in self.heard:
            return
        self.heard.append(news.id)
        if news.kind == "displaced" and news.round == self.award and self.status != "Over":
            self.displaced += 1
            self.status, self.award, self.unanswered = "Asks", 0, None


class Rivals(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.tenant = Tenant()
        self.claims = {claim_id: Wisher(claim_id) for claim_id in CLAIMS}
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.answers: list[tuple[str, str, int, Answer]] = []
        self.posts: list[News] = []
        self.confirmations: list[str] = []

    # What claims do

    @rule(claim_id=st.sampled_from(CLAIMS), items=st.sets(st.sampled_from(ITEMS), min_size=1))
    def submits_or_edits(self, claim_id: str, items: set[str]) -> None:
        claim = self.claims[claim_id]
        if claim.status in ("Draft", "Asks") and not claim.award:
            claim.status, claim.items = "Asks", sorted(items)
            self._says(claim, "enter", self.tenant.wish(claim_id, claim.items))

    @rule(claim_id=st.sampled_from(CLAIMS), displace=st.booleans())
    def is_approved(self, claim_id: str, displace: bool) -> None:
        claim = self.claims[claim_id]
        if claim.status == "Asks" and claim.unanswered is None:
            displaces = claim.rivals if displace else []
            call = self.tenant.call(claim_id, items=claim.items, displaces=displaces)
            self._says(claim, "award", call)
            claim.award = call["round"]

    @rule(claim_id=st.sampled_from(CLAIMS))
    def has_its_approval_taken_back(self, claim_id: str) -> None:
        claim = self.claims[claim_id]
        if claim.award:
            claim.status, claim.award = "Asks", 0
            self._says(claim, "enter", self.tenant.wish(claim_id, claim.items))

    @rule(claim_id=st.sampled_from(CLAIMS))
    def ends(self, claim_id: str) -> None:
        claim = self.claims[claim_id]
        if claim.status in ("Asks", "Approved"):
            claim.status = "Over"
            self._says(claim, "release", self.tenant.call(claim_id, ended="declined"))

    def _says(self, claim: Wisher, name: str, call: dict[str, Any]) -> None:
        claim.unanswered = (name, call)
        self.calls.append(claim.unanswered)

    # What happens on the way

    @rule(claim_id=st.sampled_from(CLAIMS))
    def a_call_is_said_again(self, claim_id: str) -> None:
        if call := self.claims[claim_id].unanswered:
            self.calls.append(call)

    @precondition(lambda self: self.calls)
    @rule(data=st.data(), doubled=st.booleans())
    def a_call_arrives(self, data: st.DataObject, doubled: bool) -> None:
        at = data.draw(st.integers(0, len(self.calls) - 1))
        name, call = self.calls[at] if doubled else self.calls.pop(at)
        answer = self.tenant.say(name, call)
        self.answers.append((call["claim_id"], name, call["round"], answer))

    @precondition(lambda self: self.answers)
    @rule(data=st.data())
    def an_answer_arrives(self, data: st.DataObject) -> None:
        at = data.draw(st.integers(0, len(self.answers) - 1))
        claim_id, name, number, answer = self.answers.pop(at)
        self.claims[claim_id].answered(name, number, answer)

    @precondition(lambda self: self.tenant.state.news)
    @rule(data=st.data())
    def news_is_sent(self, data: st.DataObject) -> None:
        self.posts.append(data.draw(st.sampled_from(self.tenant.state.news)))

    @precondition(lambda self: self.posts)
    @rule(data=st.data())
    def news_arrives(self, data: st.DataObject) -> None:
        news = self.posts.pop(data.draw(st.integers(0, len(self.posts) - 1)))
        self.claims[news.to].hears(news)
        self.confirmations.append(news.id)

    @precondition(lambda self: self.confirmations)
    @rule(lost=st.booleans())
    def a_confirmation_arrives(self, lost: bool) -> None:
        news_id = self.confirmations.pop()
        if not lost:
            self.tenant.associations.told(news_id)

    @precondition(lambda self: self.calls or self.answers or self.posts)
    @rule(data=st.data())
    def something_is_lost(self, data: st.DataObject) -> None:
        way: list[Any] = data.draw(
            st.sampled_from([each for each in (self.calls, self.answers, self.posts) if each])
        )
        way.pop(data.draw(st.integers(0, len(way) - 1)))

    # What always holds

    @invariant()
    def who_holds_something_holds_all_it_asks_for(self) -> None:
        state = self.tenant.state
        for claim_id in {each.claim_id for each in state.holders.values()}:
            assert sorted(state.held_by(claim_id)) == sorted(state.claims[claim_id].items)

    @invariant()
    def an_approved_claim_holds_all_its_items_or_will_hear_that_it_was_displaced(self) -> None:
        for claim in self._approved():
            holds = sorted(self.tenant.state.held_by(claim.id)) == claim.items
            assert holds or (claim.id, claim.award) in {
                (news.to, news.round) for news in self.tenant.state.news if news.kind == "displaced"
            }

    @invariant()
    def no_two_claims_are_approved_for_an_item_once_the_news_has_come(self) -> None:
        waiting = {news.to for news in self.tenant.state.news if news.kind == "displaced"}
        items = [
            item for claim in self._approved() if claim.id not in waiting for item in claim.items
        ]
        assert len(items) == len(set(items))

    def _approved(self) -> Iterator[Wisher]:
        return (claim for claim in self.claims.values() if claim.status == "Approved")

    def teardown(self) -> None:
        """In the end everything arrives, and some of it twice."""
        for _ in range(3):
            for claim in self.claims.values():
                if claim.unanswered:
                    self.calls.append(claim.unanswered)
            for name, call in self.calls:
                answer = self.tenant.say(name, call)
                self.claims[call["claim_id"]].answered(name, call["round"], answer)
            for claim_id, name, number, answer in self.answers:
                self.claims[claim_id].answered(name, number, answer)
            for news in [*self.posts, *self.tenant.state.news]:
                self.claims[news.to].hears(news)
                self.tenant.associations.told(news.id)
            self.calls, self.answers, self.posts = [], [], []
        state = self.tenant.state
        assert state.news == []
        assert all(claim.unanswered is None for claim in self.claims.values())
        for claim in self.claims.values():
            holds = claim.items if claim.status == "Approved" else []
            assert sorted(state.held_by(claim.id)) == holds
            assert (claim.id in state.claims) == (claim.status in ("Asks", "Approved"))
            assert len(claim.heard) == len(set(claim.heard))


def test_an_item_never_has_two_holders_and_whoever_loses_it_is_told() -> None:
    run_state_machine_as_test(Rivals, settings=tried(100, 40))


@pytest.mark.thorough
def test_the_same_with_very_many_sequences() -> None:
    run_state_machine_as_test(Rivals, settings=tried(1_000, 100))
