"""Whatever is said, paid, refused or waited for, in whatever order: some things always hold."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from claims import page, views
from claims.claim import Claim
from claims.effects import Debt, HandOffResult, NoticeResult, RecordResult, Result, SealResult
from claims.errors import Refused
from claims.messages import MESSAGES, Unreadable
from tests.examples import dynamics_opening, opening, proof
from tests.rules.play import MONDAY, said

SIDES = {"wait_for_review": "reviewer", "review": "reviewer", "answer": "partner"} | {
    "consent": "customer"
}
CONTACT = {"name": "Liv Ek", "email": "liv@contoso.example"}
VARIANTS: dict[str, list[dict[str, Any]]] = {
    "edit": [
        {"changes": {"customer_contact": CONTACT}},
        {"changes": {"customer_contact": {**CONTACT, "email": "liv.ek@contoso.example"}}},
        {"changes": {"technical_contact": CONTACT}},
        {"changes": {"technical_contact": None}},
        {"changes": {"program": "osa-sell"}},
        {"changes": {"products": [{"name": "Teams"}, {"name": "Teams"}]}},
    ],
    "add_evidence": [{"evidence": [proof()]}, {"evidence": [proof(b"more", "more.pdf")]}],
    "request_info": [
        {"requests": [{"reason": "missing_products", "product": "Teams", "remove": True}]},
        {"requests": [{"reason": "other", "note": "Page 3?"}], "seen": 3},
    ],
    "approve": [{"seen": 2}, {"note": "Fine."}],
    "decline": [{"notice_id": "CPOR-7Q2M4X.consent.1.contact"}],
}
BROKEN: list[list[object]] = [[], [{}, {}], [None], [Unreadable()], [{"id": "m-1"}], [b"\xff"]]
ENDS = ("withdraw", "reject", "decline")
"""Said less often than the rest, or most claims would end before anything happened to them."""
ROLES = st.sampled_from(["partner", "reviewer", "customer", "operator", "system"])
IDS = st.sampled_from([None, "m-1", "m-2", " m-2 ", "unnamed-1"])
WAITS = st.sampled_from([timedelta(0), *(timedelta(hours=hours) for hours in (1, 20, 100, 400))])


@st.composite
def messages(draw: st.DrawFn) -> tuple[str, list[object]]:
    name = draw(st.sampled_from([*MESSAGES, "dispute"]))
    if name in ENDS and draw(st.integers(0, 3)):
        name = draw(st.sampled_from(["approve", "edit", "retry", "eligibility_result"]))
    if draw(st.integers(0, 15)) == 0:
        return name, draw(st.sampled_from(BROKEN))
    by = None
    if name == "dispute" or draw(st.integers(0, 9)) == 0:
        by = {"role": draw(ROLES), "id": "contact"}
    message = said(name, by, **draw(st.sampled_from([{}, *VARIANTS.get(name, [])])))
    if sent := draw(IDS):
        message["id"] = sent
    return name, [message]


def _id_of(debt: Debt) -> str:
    return debt.id


class AnyOrder(RuleBasedStateMachine):
    claim: Claim

    @initialize(
        dynamics=st.booleans(),
        submit=st.booleans(),
        revenue=st.booleans(),
        approved=st.booleans(),
    )
    def opens(self, dynamics: bool, submit: bool, revenue: bool, approved: bool) -> None:
        self.now = MONDAY
        self.accepted = 0
        self.kept = 0
        self.final: str | None = None
        more = {"program": "osa-sell", "activity": "revenue-association"} if revenue else {}
        data = dynamics_opening(submit=submit, **more) if dynamics else opening(submit=submit)
        self.claim = Claim.open(data, self.now)
        if submit and approved:
            self.claim.take("approve", [said("approve")], self.now)
            self.accepted += 1

    @rule(message=messages(), signal=st.booleans())
    def is_told(self, message: tuple[str, list[object]], signal: bool) -> None:
        name, payloads = message
        known = set(self.claim.receipts)
        before = self.claim.model_dump_json()
        try:
            if signal:
                receipt = self.claim.hear(name, payloads, self.now)
            else:
                receipt = self.claim.take(name, payloads, self.now)
        except Refused:
            assert not signal
            assert self.claim.model_dump_json() == before
            return
        assert self.claim.receipts[receipt.id].receipt == receipt
        new = set(self.claim.receipts) - known
        assert new in ({receipt.id}, set())
        if not new:
            assert self.claim.model_dump_json() == before
        elif receipt.outcome == "accepted":
            self.accepted += 1
        else:
            self.kept += 1

    @rule(data=st.data())
    def is_paid(self, data: st.DataObject) -> None:
        owed = [debt for debt in self.claim.debts if debt.state != "parked"]
        for debt in data.draw(st.lists(st.sampled_from(owed), unique_by=_id_of)) if owed else ():
            self._pay(debt, data)

    def _pay(self, debt: Debt, data: st.DataObject) -> None:
        self.claim.payment(debt, "run-1").model_dump_json()
        well = data.draw(st.integers(0, 3)) > 0
        at = self.now
        result: Result
        match debt.kind:
            case "notice":
                result = NoticeResult(outcome="accepted" if well else "refused", at=at)
            case "seal":
                states = dict.fromkeys(debt.facts["files"], "sealed" if well else "missing")
                result = SealResult.model_validate({"states": states})
            case "hand_off":
                result = HandOffResult(outcome="taken" if well else "refused", at=at)
            case "record":
                result = RecordResult(outcome="kept" if well else "refused", at=at)
        self.claim.paid(debt.id, result, self.now)
        assert debt.id not in [each.id for each in self.claim.debts if each.state != "parked"]

    @rule(data=st.data(), for_good=st.booleans())
    def fails_to_pay(self, data: st.DataObject, for_good: bool) -> None:
        if self.claim.debts:
            debt = data.draw(st.sampled_from(self.claim.debts))
            if for_good:
                self.claim.park(debt.id, "no", self.now)
            else:
                self.claim.late(debt.id, "not yet")

    @rule(passing=WAITS)
    def waits(self, passing: timedelta) -> None:
        """The timer may come late, as it does when no worker ran."""
        self.now += passing
        self.claim.tick(self.now)
        wake = self.claim.agenda()
        assert wake is None or wake.at > self.now

    @rule(passing=WAITS)
    def no_worker_runs(self, passing: timedelta) -> None:
        self.now += passing

    @invariant()
    def a_final_status_stays(self) -> None:
        if self.final is not None:
            assert self.claim.status.value == self.final
            assert self.claim.ended_at is not None
        if self.claim.status == "Rejected":
            self.final = self.claim.status.value

    @invariant()
    def it_can_be_put_away_and_taken_up(self) -> None:
        loaded = Claim.model_validate_json(self.claim.model_dump_json())
        assert loaded == self.claim
        self.claim = loaded

    @invariant()
    def every_message_has_exactly_one_receipt(self) -> None:
        outcomes = Counter(each.receipt.outcome for each in self.claim.receipts.values())
        assert outcomes["accepted"] == self.accepted
        refused = [entry for entry in self.claim.history if entry.what == "refused"]
        assert outcomes["refused"] == self.kept == len(refused)

    @invariant()
    def the_consent_clock_never_runs_without_a_notice_that_arrived(self) -> None:
        clock = self.claim.clocks.latest("consent")
        if clock is not None and clock.state in ("running", "ran_out"):
            assert any(".consent." in notice for notice in self.claim.arrivals)
            assert self.claim.notice_accepted_at is not None
        if self.claim.official_since is not None or self.claim.handed_off_at is not None:
            assert self.claim.consent == "lapsed"

    @invariant()
    def at_most_one_clock_binds_a_side(self) -> None:
        sides = Counter(
            SIDES[clock.clock] for clock in self.claim.clocks.running() if clock.clock != "overall"
        )
        assert all(count == 1 for count in sides.values())
        assert not (self.claim.ended_at and self.claim.clocks.running())

    @invariant()
    def nothing_is_owed_twice_and_an_ended_claim_can_end(self) -> None:
        ids = [debt.id for debt in self.claim.debts]
        assert len(ids) == len(set(ids))
        if self.claim.ended_at is not None and not self.claim.debts:
            assert self.claim.is_over

    @invariant()
    def it_can_be_shown(self) -> None:
        assert page.details(self.claim)
        views.view(self.claim).model_dump_json()

    @invariant()
    def the_history_is_counted_without_gaps(self) -> None:
        assert [entry.seq for entry in self.claim.history] == list(
            range(1, len(self.claim.history) + 1)
        )


TestAnyOrder = AnyOrder.TestCase
TestAnyOrder.settings = settings(
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=80,
    stateful_step_count=40,
)
