"""Claims about the same item: who gets it, who is told what, and what reviewers read of it."""

from __future__ import annotations

from typing import Any

from cpor.rules.associations.associations import Associations
from cpor.rules.associations.state import State
from tests.examples import opening
from tests.rules.play import DAY, Play, fields_of, kinds, notice_of
from tests.rules.tenant import EXCHANGE, TEAMS, TENANT

NOTE = "Their contract ended in March."


class Market:
    """Claims of one tenant, and the associations that they all ask."""

    def __init__(self) -> None:
        self.associations = Associations(State(tenant_id=TENANT))

    def claim(self, claim_id: str, mpn_id: str = "4912345", **changes: Any) -> Play:
        partner = {**opening()["partner"], "mpn_id": mpn_id}
        data = opening(claim_id, partner=partner, **changes)
        return Play(data, associations=self.associations, portal=True)

    def submitted(self, claim_id: str, **more: Any) -> Play:
        play = self.claim(claim_id, **more)
        play.pay()
        return play

    def approved(self, claim_id: str, **more: Any) -> Play:
        play = self.submitted(claim_id, **more)
        play.tell("approve")
        play.pay()
        return play

    def tell(self, *plays: Play) -> None:
        """All that claims must be told; twice, as it may happen."""
        claims = {play.claim.state.claim_id: play for play in plays}
        for news in [each for each in self.associations.state.news for _ in range(2)]:
            if news.to in claims:
                claims[news.to].told(news)
                self.associations.told(news.id)

    def holder(self, item: str = TEAMS) -> str | None:
        holder = self.associations.state.holders.get(item)
        return holder and holder.claim_id


def owed(play: Play) -> set[str]:
    """What may be paid now."""
    return {notice_of(debt) or debt.kind for debt in play.claim.state.payable}


def test_a_claim_asks_for_its_items_when_it_is_first_submitted() -> None:
    market = Market()
    market.submitted("CPOR-A")
    asked = market.associations.state.claims["CPOR-A"]
    assert (asked.items, asked.mpn_id) == ([EXCHANGE, TEAMS], "4912345")


def test_a_draft_asks_for_nothing() -> None:
    market = Market()
    market.submitted("CPOR-A", submit=False)
    assert market.associations.state.is_empty


def test_a_claim_that_asks_for_other_products_asks_again() -> None:
    market = Market()
    play = market.submitted("CPOR-A")
    play.tell("edit", changes={"products": [{"name": "Teams"}]})
    play.pay()
    assert market.associations.state.claims["CPOR-A"].items == [TEAMS]


def test_nobody_is_told_of_an_approval_before_its_items_are_awarded() -> None:
    play = Market().submitted("CPOR-A")
    play.tell("approve")
    assert owed(play) == {"award"}
    play.pay("award")
    assert owed(play) == {"consent", "approved", "event"}
    assert play.entries("awarded")


def test_reviewers_read_who_else_is_about_the_same_items() -> None:
    market = Market()
    market.approved("CPOR-A")
    play = market.submitted("CPOR-B", mpn_id="4999999")
    assert play.last.text == "CPOR-A holds items of this claim"
    assert play.last.sight == ("reviewer",)


def test_an_item_that_another_claim_holds_cannot_be_approved_by_oversight() -> None:
    market = Market()
    market.approved("CPOR-A")
    play = market.submitted("CPOR-B", mpn_id="4999999")
    refusal = play.refuses("held_by_rival", "approve", note=NOTE)
    assert "CPOR-A holds an item of this claim" in refusal.text


def test_whoever_displaces_says_why() -> None:
    market = Market()
    market.approved("CPOR-A")
    play = market.submitted("CPOR-B", mpn_id="4999999")
    assert "needs a note" in str(fields_of(play.refuses("invalid", "approve", displace=True)))
    play.tell("approve", displace=True, note=NOTE)
    play.pay()
    assert (market.holder(), play.claim.state.consent) == ("CPOR-B", "pending")


def test_a_lost_race_takes_the_claim_back_to_its_reviewer_and_nobody_else_hears_of_it() -> None:
    market = Market()
    slow = market.submitted("CPOR-B", mpn_id="4999999")
    market.approved("CPOR-A")
    slow.tell("approve")
    before = len(slow.paid)
    sent = slow.pay()
    assert slow.claim.state.status == "Under review"
    assert kinds(sent) == ["to_review → reviewers"]
    assert sent[0].facts["because"] == "award_lost"
    assert not [each for each in slow.paid[before:] if "Approved" in str(each)]
    assert slow.entries("associations")[-1].text == (
        "the approval is taken back: CPOR-A holds items of this claim"
    )
    slow.refuses("held_by_rival", "approve")


def test_a_race_that_is_lost_in_a_dispute_leads_back_to_the_dispute() -> None:
    market = Market()
    slow = market.submitted("CPOR-B", mpn_id="4999999")
    slow.tell("reject")
    slow.pay()
    slow.tell("dispute")
    slow.pay()
    market.approved("CPOR-A")
    slow.tell("approve", {"role": "reviewer", "id": "lee"})
    slow.pay()
    assert slow.claim.state.status == "Disputed"
    assert slow.claim.state.in_dispute


def test_a_claim_that_ends_leaves_its_items_to_others() -> None:
    market = Market()
    first = market.approved("CPOR-A")
    first.tell("decline")
    first.pay()
    assert market.holder() is None
    assert first.claim.state.is_over
    second = market.submitted("CPOR-B")
    assert second.last.text.startswith("the customer has said no to CPOR-A of the same partner")


def test_a_rejection_that_may_be_disputed_still_asks() -> None:
    market = Market()
    play = market.submitted("CPOR-A")
    play.tell("reject")
    play.pay()
    assert "CPOR-A" in market.associations.state.claims
    play.wait(play.now + 40 * DAY)
    assert market.associations.state.claims == {}


def test_an_approval_that_is_taken_back_for_want_of_proof_holds_nothing() -> None:
    market = Market()
    play = market.claim("CPOR-A")
    play.tell("approve")
    play.pay("enter", "award")
    assert market.holder() == "CPOR-A"
    play.sealed(sow="missing")
    play.pay()
    assert play.claim.state.status == "Under review"
    assert (market.holder(), list(market.associations.state.claims)) == (None, ["CPOR-A"])


def test_a_claim_whose_tenant_was_forgotten_asks_again_and_is_awarded() -> None:
    market = Market()
    play = market.submitted("CPOR-A")
    market.associations.state = State(tenant_id=TENANT)
    play.tell("approve")
    play.pay()
    assert (market.holder(), play.claim.state.consent) == ("CPOR-A", "pending")


def test_what_was_asked_for_late_is_said_before_the_award() -> None:
    market = Market()
    play = market.claim("CPOR-A")
    play.tell("approve")
    assert {"enter", "award"} <= {debt.kind for debt in play.claim.state.debts}
    assert "award" not in owed(play)
    play.pay()
    assert market.holder() == "CPOR-A"


# Those who are put aside, and those who wait


def displacing(market: Market, *others: Play) -> Play:
    play = market.submitted("CPOR-NEW", mpn_id="4999999")
    play.tell("approve", displace=True, note=NOTE)
    play.pay()
    market.tell(*others)
    return play


def test_a_displaced_claim_is_rejected_once_and_may_be_disputed() -> None:
    market = Market()
    first = market.approved("CPOR-A")
    displacing(market, first)
    sent = first.pay()
    assert kinds(sent) == ["rejected → partner"]
    assert sent[0].facts["dispute_until"]
    assert [each.reason for each in first.claim.state.reasons] == ["displaced_by_rival"]
    assert first.claim.state.status == "Rejected"
    assert len(first.entries("associations")) == 1


def test_a_displaced_claim_is_final_where_the_edition_ends_associations_for_good() -> None:
    market = Market()
    first = market.approved("CPOR-A", edition="2023")
    displacing(market, first)
    first.pay()
    assert first.claim.state.status == "Rejected final"
    assert "CPOR-A" not in market.associations.state.claims


def test_the_hand_off_of_a_displaced_claim_is_recalled_and_the_portal_told() -> None:
    market = Market()
    first = market.approved("CPOR-A")
    first.wait(first.now + 8 * DAY)
    assert first.claim.state.eligibility == "sent"
    displacing(market, first)
    first.pay()
    assert first.claim.state.eligibility == "recalled"
    types = [getattr(each, "type", "") for each in first.paid]
    assert types.count("cpor.association.ended") == types.count("cpor.claim.recalled") == 1


def test_who_wins_its_dispute_displaces_in_turn() -> None:
    market = Market()
    first = market.approved("CPOR-A")
    second = displacing(market, first)
    first.pay()
    first.tell("dispute")
    first.pay()
    first.refuses("held_by_rival", "approve", {"role": "reviewer", "id": "lee"})
    by = {"role": "reviewer", "id": "lee"}
    first.tell("approve", by, displace=True, note="Their contract runs on.")
    first.pay()
    market.tell(first, second)
    assert (market.holder(), second.claim.state.status) == ("CPOR-A", "Rejected")


def test_a_displaced_claim_whose_award_was_never_answered_only_loses_its_race() -> None:
    market = Market()
    first = market.submitted("CPOR-A")
    first.tell("approve")
    payment: Any = first.claim.begin(first.debt("award"), "run-1")
    market.associations.take("award", [payment.call.model_dump()])
    displacing(market, first)
    assert first.claim.state.status == "Approved"
    first.pay()
    assert first.claim.state.status == "Under review"


def test_what_becomes_free_can_be_approved() -> None:
    market = Market()
    first = market.approved("CPOR-A")
    second = market.submitted("CPOR-B", mpn_id="4999999")
    second.refuses("held_by_rival", "approve")
    first.tell("withdraw")
    first.pay()
    market.tell(second)
    assert second.last.text == "CPOR-A holds nothing of it any more"
    second.tell("approve")
    second.pay()
    assert market.holder() == "CPOR-B"
