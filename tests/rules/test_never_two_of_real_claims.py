"""Real claims and their tenant's associations, with all that goes wrong between them.

Calls, answers and news are lost, doubled, late and out of order, and now and then the associations
are terminated and begin anew.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from cpor.rules.associations.associations import Associations
from cpor.rules.associations.calls import Answer, AnyCall
from cpor.rules.associations.items import items_of
from cpor.rules.associations.state import News, State
from cpor.rules.associations.telling import Called, Heard, Telling
from cpor.rules.errors import Refused
from cpor.rules.lifecycle import Status
from tests.examples import PROOF_SHA256, opening
from tests.rules.machines import tried
from tests.rules.play import DAY, Play
from tests.rules.tenant import TENANT

CLAIMS = {"CPOR-A": "4912345", "CPOR-B": "4999999", "CPOR-C": "4912345"}
WISHES = [["Teams", "Exchange Online"], ["Teams"], ["Exchange Online"]]
CALLS = ("enter", "award", "release")
NO_CALLS = ("notice", "seal", "directory", "hand_off", "recall", "result", "event", "record")
OTHER_PROOF = {
    "sha256": PROOF_SHA256[::-1],
    "name": "more.pdf",
    "media_type": "application/pdf",
    "size": 50,
}
SAID = [
    *(["approve"] * 4 + ["displace"] * 6 + ["dispute"] * 2 + ["add_evidence"]),
    *("reject", "withdraw", "decline", "request_info", "submit", "disassociate"),
]
TOGETHER = 12
"""Rounds in which all that is on its way arrives, until nothing is."""


@dataclass(frozen=True)
class Sent:
    claim_id: str
    debt_id: str
    call: AnyCall


class RealRivals(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.associations = Associations(State(tenant_id=TENANT, step=1))
        self.plays = {claim_id: self._opened(claim_id) for claim_id in CLAIMS}
        self.calls: list[Sent] = []
        self.answers: list[tuple[Sent, Answer]] = []
        self.posts: list[Telling] = []
        self.heard: list[tuple[News, Heard]] = []
        for play in self.plays.values():
            self._pays(play)

    def _opened(self, claim_id: str) -> Play:
        partner = {**opening()["partner"], "mpn_id": CLAIMS[claim_id]}
        wish = [{"name": each} for each in WISHES[[*CLAIMS].index(claim_id)]]
        data = opening(claim_id, partner=partner, products=wish)
        return Play(data, associations=self.associations, portal=True)

    def _pays(self, play: Play) -> None:
        """All but its calls; what it sends to the customer is looked at."""
        before = len(play.paid)
        play.pay(*NO_CALLS)
        for payment in play.paid[before:]:
            if getattr(payment, "kind", "") in ("consent", "approved"):
                assert play.claim.state.items.standing == "holds"

    # What people do

    @rule(
        claim_id=st.sampled_from([*CLAIMS]),
        name=st.sampled_from(SAID),
    )
    def somebody_says(self, claim_id: str, name: str) -> None:
        play = self.plays[claim_id]
        fields: dict[str, Any] = {}
        by = {"role": "reviewer", "id": "lee"} if play.claim.state.in_dispute else None
        if name == "displace":
            name, fields = "approve", {"displace": True, "note": "Their contract ended."}
        if name == "add_evidence":
            fields = {"evidence": [OTHER_PROOF]}
        by = by if name in ("approve", "reject", "request_info") else None
        with suppress(Refused):
            play.tell(name, by, **fields)
        self._pays(play)

    @rule(claim_id=st.sampled_from([*CLAIMS]), wish=st.sampled_from(WISHES))
    def a_partner_edits(self, claim_id: str, wish: list[str]) -> None:
        play = self.plays[claim_id]
        with suppress(Refused):
            play.tell("edit", changes={"products": [{"name": each} for each in wish]})
        self._pays(play)

    @rule(claim_id=st.sampled_from([*CLAIMS]), days=st.sampled_from([1, 8, 31]))
    def time_passes(self, claim_id: str, days: int) -> None:
        play = self.plays[claim_id]
        play.now += days * DAY
        play.tick()
        self._pays(play)

    # What happens on the way

    @rule(claim_id=st.sampled_from([*CLAIMS]))
    def a_call_is_tried(self, claim_id: str) -> None:
        self._try_calls(self.plays[claim_id])

    def _try_calls(self, play: Play) -> None:
        for debt in [each for each in play.claim.state.payable if each.kind in CALLS]:
            payment = cast("Called", play.claim.begin(debt, "run-1"))
            self.calls.append(Sent(play.claim.state.claim_id, debt.id, payment.call))

    @precondition(lambda self: self.calls)
    @rule(data=st.data(), doubled=st.booleans())
    def a_call_arrives(self, data: st.DataObject, doubled: bool) -> None:
        at = data.draw(st.integers(0, len(self.calls) - 1))
        self._call_arrives(self.calls[at] if doubled else self.calls.pop(at))

    def _call_arrives(self, sent: Sent) -> None:
        answer = self.associations.take(sent.call.name, [sent.call.model_dump()])
        self.answers.append((sent, answer))

    @precondition(lambda self: self.answers)
    @rule(data=st.data())
    def an_answer_arrives(self, data: st.DataObject) -> None:
        at = data.draw(st.integers(0, len(self.answers) - 1))
        self._answer_arrives(*self.answers.pop(at))

    def _answer_arrives(self, sent: Sent, answer: Answer) -> None:
        play = self.plays[sent.claim_id]
        if debt := play.claim.state.debt(sent.debt_id):
            play.answer(debt, answer)
            self._pays(play)

    @precondition(lambda self: self.associations.state.news)
    @rule(data=st.data())
    def news_is_sent(self, data: st.DataObject) -> None:
        self._send(data.draw(st.sampled_from(self.associations.state.news)))

    def _send(self, news: News) -> None:
        picture = self.associations.picture(news.to)
        self.posts.append(Telling(tenant_id=TENANT, news=news, picture=picture))

    @precondition(lambda self: self.posts)
    @rule(data=st.data())
    def news_arrives(self, data: st.DataObject) -> None:
        self._news_arrives(self.posts.pop(data.draw(st.integers(0, len(self.posts) - 1))))

    def _news_arrives(self, telling: Telling) -> None:
        play = self.plays[telling.news.to]
        self.heard.append((telling.news, play.claim.told(telling, play.now)))
        self._pays(play)

    @precondition(lambda self: self.heard)
    @rule(lost=st.booleans())
    def a_confirmation_arrives(self, lost: bool) -> None:
        news, heard = self.heard.pop()
        if not lost:
            self._confirmed(news, heard)

    def _confirmed(self, news: News, heard: Heard) -> None:
        if news not in self.associations.state.news:
            return
        if heard.outcome == "gone":
            self.associations.found_gone(news)
        else:
            self.associations.told(news.id)

    @precondition(lambda self: self.calls or self.answers or self.posts)
    @rule(data=st.data())
    def something_is_lost(self, data: st.DataObject) -> None:
        way: list[Any] = data.draw(
            st.sampled_from([each for each in (self.calls, self.answers, self.posts) if each])
        )
        way.pop(data.draw(st.integers(0, len(way) - 1)))

    @rule(sure=st.integers(0, 4))
    def the_associations_are_terminated(self, sure: int) -> None:
        """What they told is still on its way; they ask each open claim when they begin anew."""
        if sure:
            return
        self.associations = Associations(
            State(tenant_id=TENANT, step=self.associations.state.step + 1000)
        )
        accounts = [play.claim.account(play.now) for play in self.plays.values()]
        self.associations.begin_with([each for each in accounts if each])
        self.heard = []
        for play in self.plays.values():
            play.associations = self.associations

    @rule()
    def all_goes_well_for_a_while(self) -> None:
        """What is on its way arrives, and some of it twice."""
        for play in self.plays.values():
            play.now += timedelta(seconds=1)
            self._try_calls(play)
        calls, self.calls = self.calls, []
        for sent in [*calls, *calls[:1]]:
            self._call_arrives(sent)
        answers, self.answers = self.answers, []
        for sent, answer in answers:
            self._answer_arrives(sent, answer)
        for news in list(self.associations.state.news):
            if news in self.associations.state.news:
                self._send(news)
        posts, self.posts = self.posts, []
        for telling in posts:
            self._news_arrives(telling)
        heard, self.heard = self.heard, []
        for news, how in heard:
            self._confirmed(news, how)

    # What always holds

    @invariant()
    def who_holds_something_holds_all_it_asks_for(self) -> None:
        state = self.associations.state
        for claim_id in {each.claim_id for each in state.holders.values()}:
            assert sorted(state.held_by(claim_id)) == sorted(state.claims[claim_id].items)

    @invariant()
    def an_approval_that_was_told_rests_on_all_items_or_its_end_is_under_way(self) -> None:
        for claim_id, items in self._told():
            holds = sorted(self.associations.state.held_by(claim_id)) == items
            assert holds or claim_id in self._displaced(), claim_id

    @invariant()
    def no_item_has_two_partners_that_were_told(self) -> None:
        items = [
            item
            for claim_id, items in self._told()
            if claim_id not in self._displaced()
            for item in items
        ]
        assert len(items) == len(set(items))

    @invariant()
    def a_claim_is_displaced_at_most_once_for_each_approval(self) -> None:
        for play in self.plays.values():
            ended = [each for each in play.entries("associations") if "another" in each.text]
            assert len(ended) <= len(play.entries("awarded"))

    def _told(self) -> Iterator[tuple[str, list[str]]]:
        for claim_id, play in self.plays.items():
            claim = play.claim.state
            if claim.status is Status.APPROVED and not claim.awaits_award:
                yield claim_id, sorted(items_of(claim.products))

    def _displaced(self) -> set[str]:
        return {each.to for each in self.associations.state.news if each.kind == "displaced"}

    def teardown(self) -> None:
        """In the end everything arrives."""
        for _ in range(TOGETHER):
            self.all_goes_well_for_a_while()
        state = self.associations.state
        assert state.news == []
        for claim_id, play in self.plays.items():
            claim = play.claim.state
            assert not [debt for debt in claim.debts if debt.kind in CALLS]
            is_told = claim_id in dict(self._told())
            holds = sorted(items_of(claim.products)) if is_told else []
            assert sorted(state.held_by(claim_id)) == holds
            assert (claim_id in state.claims) == (claim.ended_at is None)
            rivals = {each.claim_id: each.holds for each in claim.items.rivals}
            if claim.ended_at is None:
                known = self.associations.picture(claim_id).rivals
                assert rivals == {each.claim_id: each.holds for each in known}


def test_no_item_of_real_claims_has_two_partners_whatever_gets_lost() -> None:
    run_state_machine_as_test(RealRivals, settings=tried(30, 40))


@pytest.mark.thorough
def test_the_same_of_real_claims_with_very_many_sequences() -> None:
    run_state_machine_as_test(RealRivals, settings=tried(300, 60))
