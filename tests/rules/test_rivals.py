"""Claims about the same item: who gets it, who is told what, and what reviewers read of it."""

from __future__ import annotations

from typing import Any

from cpor.cli.output import claim_text, rivals_text
from cpor.contract import search_attributes
from cpor.contract.search_attributes import by_name
from cpor.rules import current_details, views
from cpor.rules.associations import views as associations_views
from cpor.rules.associations.associations import Associations
from cpor.rules.associations.state import State
from cpor.rules.associations.telling import Telling
from cpor.rules.effects.events import EventResult
from cpor.rules.effects.notice import Notice
from cpor.rules.history import Sight
from cpor.rules.known import Conflict
from tests.examples import opening
from tests.rules.play import DAY, MONDAY, Play, fields_of, kinds, notice_of
from tests.rules.tenant import EXCHANGE, TEAMS, TENANT

NOTE = "Their contract ended in March."
LEE = {"role": "reviewer", "id": "lee"}
ALL_BUT_HAND_OFFS = ("notice", "seal", "enter", "award", "release", "event", "record", "recall")


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
    assert play.last.text == "CPOR-A of another partner holds Teams, Exchange Online"
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
    assert kinds(sent) == ["contested → partner", "to_review → reviewers"]
    told = {each.kind: each.facts for each in sent}
    assert told["to_review"]["because"] == "award_lost"
    assert told["to_review"]["rivals"][0]["claim_id"] == "CPOR-A"
    assert told["contested"]["contested"] == {
        "holds": True,
        "products": ["Teams", "Exchange Online"],
    }
    assert not [each for each in slow.paid[before:] if "Approved" in str(each)]
    (entry,) = slow.entries("associations")
    assert entry.text == (
        "the approval is taken back, and nobody was told of it: CPOR-A holds an item of it"
    )
    seen = [each for each in slow.claim.state.history if "partner" in each.sight]
    assert not any("CPOR-A" in each.text or each.what == "approve" for each in seen)
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
    said = "the customer said no to CPOR-A of the same partner on 02 Mar 2026"
    assert second.last.text == said


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
    assert kinds(sent) == ["association_ended → contact", "rejected → partner"]
    assert {each.kind: each for each in sent}["rejected"].facts["dispute_until"]
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


def test_a_grant_that_arrives_after_the_claim_was_displaced_is_void() -> None:
    """The engine hands a claim its messages before the results that came with them."""
    market = Market()
    first = market.submitted("CPOR-A")
    first.tell("approve")
    award = first.debt("award")
    payment: Any = first.claim.begin(award, "run-1")
    granted = market.associations.take("award", [payment.call.model_dump()])
    assert granted.outcome == "granted"
    displacing(market, first)
    first.answer(award, granted)
    assert not first.entries("awarded")
    first.pay()
    assert (first.claim.state.status, market.holder()) == ("Under review", "CPOR-NEW")


def test_what_becomes_free_can_be_approved() -> None:
    market = Market()
    first = market.approved("CPOR-A")
    second = market.submitted("CPOR-B", mpn_id="4999999")
    second.refuses("held_by_rival", "approve")
    first.tell("withdraw")
    first.pay()
    market.tell(second)
    assert second.last.text == "nobody holds Teams, Exchange Online any more; it was CPOR-A"
    assert kinds(second.pay()) == ["item_free → reviewers"]
    second.tell("approve")
    second.pay()
    assert market.holder() == "CPOR-B"


def test_whoever_displaced_it_does_not_decide_its_dispute() -> None:
    market = Market()
    first = market.approved("CPOR-A")
    displacing(market, first)
    first.pay()
    first.tell("dispute")
    first.pay()
    first.refuses("same_reviewer", "approve", displace=True, note=NOTE)
    first.tell("approve", LEE, displace=True, note=NOTE)


def test_a_claim_hears_of_who_asks_after_it_and_its_history_names_each_once() -> None:
    market = Market()
    first = market.submitted("CPOR-A")
    market.submitted("CPOR-B", mpn_id="4999999")
    market.tell(first)
    assert first.last.text == "CPOR-B of another partner asks for Teams, Exchange Online"
    known = len(first.claim.state.history)
    market.submitted("CPOR-C", mpn_id="4888888").tell("withdraw")
    market.tell(first)
    assert len(first.claim.state.history) == known + 1
    assert [each.claim_id for each in first.claim.state.items.rivals] == ["CPOR-B", "CPOR-C"]


def test_an_older_picture_never_stands_for_a_newer_one() -> None:
    market = Market()
    first = market.submitted("CPOR-A")
    second = market.submitted("CPOR-B", mpn_id="4999999")
    (news,) = market.associations.state.news
    late = Telling(tenant_id=TENANT, news=news, picture=market.associations.picture("CPOR-A"))
    second.tell("withdraw")
    second.pay()
    market.tell(first)
    assert first.claim.state.items.rivals == []
    first.claim.told(late, first.now)
    assert first.claim.state.items.rivals == []


def test_a_second_claim_of_the_same_partner_is_named_and_may_be_rejected_for_that() -> None:
    market = Market()
    market.submitted("CPOR-A")
    second = market.submitted("CPOR-B")
    said = "same as CPOR-A of the same partner, which asks for Teams, Exchange Online"
    assert (second.last.text, second.last.sight) == (said, ("reviewer",))
    assert second.claim.state.status == "Submitted"
    second.tell("reject", reasons=[{"reason": "duplicate_claim"}])
    sent = second.pay()
    assert [each.facts["reasons"][0]["reason"] for each in sent] == ["duplicate_claim"]


def declined(market: Market) -> Play:
    play = market.approved("CPOR-A")
    play.tell("decline")
    play.pay()
    return play


def test_after_a_customers_no_the_same_partner_needs_new_proof() -> None:
    market = Market()
    declined(market)
    second = market.submitted("CPOR-B")
    refusal = second.refuses("new_proof_needed", "approve")
    assert "said no to CPOR-A of the same partner on 02 Mar 2026" in refusal.text
    second.tell("add_evidence")
    second.pay()
    second.tell("approve")
    second.pay()
    assert market.holder() == "CPOR-B"


def test_proof_that_came_after_the_approval_is_no_new_proof_after_the_no() -> None:
    market = Market()
    play = market.approved("CPOR-A")
    play.tell("add_evidence")
    play.pay()
    play.tell("decline")
    play.pay()
    second = market.submitted("CPOR-B")
    second.tell("add_evidence")
    second.pay()
    second.refuses("new_proof_needed", "approve")


def test_after_a_customers_no_another_partner_needs_nothing_new() -> None:
    market = Market()
    declined(market)
    second = market.submitted("CPOR-B", mpn_id="4999999")
    second.tell("approve")


def test_an_association_that_was_ended_by_an_objection_counts_as_a_no() -> None:
    market = Market()
    play = market.approved("CPOR-A")
    play.wait(play.now + 8 * DAY)
    play.tell("decline")
    play.tell("end_association", reason="The customer does not want it.")
    play.pay()
    market.submitted("CPOR-B").refuses("new_proof_needed", "approve")


def test_how_old_the_newest_proof_is_is_told_with_the_answer_that_brings_it() -> None:
    market = Market()
    play = market.submitted("CPOR-A")
    play.tell("request_info")
    play.pay()
    play.now += DAY
    play.tell("add_evidence")
    play.tell("submit")
    play.pay()
    assert market.associations.state.claims["CPOR-A"].proof_at == play.now


# What is lost, and comes late


def test_a_claim_that_was_taken_back_to_an_earlier_point_catches_up() -> None:
    market = Market()
    play = market.submitted("CPOR-A")
    market.associations.state.claims["CPOR-A"].round += 10**15
    play.tell("edit", changes={"products": [{"name": "Teams"}]})
    play.pay()
    assert market.associations.state.claims["CPOR-A"].items == [TEAMS]
    play.tell("withdraw")
    play.pay()
    assert market.associations.state.claims == {}


def test_an_item_that_found_a_new_holder_is_not_said_to_be_free_any_more() -> None:
    market = Market()
    first = market.approved("CPOR-A")
    asks = market.submitted("CPOR-B", mpn_id="4999999")
    second = market.submitted("CPOR-C", mpn_id="4888888")
    market.tell(first, asks, second)
    first.tell("withdraw")
    first.pay()
    market.tell(second)
    second.tell("approve")
    second.pay()
    assert market.holder() == "CPOR-C"
    market.tell(asks)
    assert [each.claim_id for each in asks.claim.state.items.rivals if each.holds] == ["CPOR-C"]
    assert not [each for each in asks.entries("rivals") if "nobody holds" in each.text]
    assert "item_free" not in owed(asks)


def test_an_item_that_is_still_free_is_said_to_be_with_who_left_it() -> None:
    market = Market()
    first = market.approved("CPOR-A")
    asks = market.submitted("CPOR-B", mpn_id="4999999")
    market.tell(first, asks)
    first.tell("withdraw")
    first.pay()
    market.submitted("CPOR-C", mpn_id="4888888")
    market.tell(asks)
    (said,) = [each for each in asks.entries("rivals") if "nobody holds" in each.text]
    assert said.text.endswith("any more; it was CPOR-A")
    assert "item_free" in owed(asks)


def test_an_approval_waits_for_its_award_also_where_what_it_asked_before_was_overtaken() -> None:
    market = Market()
    play = market.submitted("CPOR-A")
    market.associations.state.claims["CPOR-A"].round += 10**15
    play.tell("edit", changes={"products": [{"name": "Teams"}]})
    play.tell("approve")
    play.pay("enter")
    assert play.claim.state.awaits_award
    assert not owed(play) & {"consent", "approved"}
    play.pay()
    assert market.holder() == "CPOR-A"
    assert play.claim.state.items.standing == "holds"


def test_what_a_claim_that_is_over_asked_for_late_is_found_by_whoever_meets_it() -> None:
    market = Market()
    gone = market.submitted("CPOR-A")
    gone.tell("approve")
    late: Any = gone.claim.begin(gone.debt("award"), "run-1")
    gone.tell("withdraw")
    gone.pay()
    market.associations.state = State(tenant_id=TENANT, step=10)
    wish = late.call.model_dump(include={"tenant_id", "claim_id", "round", "at", "items"})
    more = {"mpn_id": "4912345", "first_submitted_at": gone.now}
    market.associations.take("enter", [{**wish, "round": wish["round"] - 1, **more}])
    market.associations.take("award", [late.call.model_dump()])
    assert market.holder() == "CPOR-A"
    second = market.submitted("CPOR-B", mpn_id="4999999")
    (news,) = market.associations.state.news
    assert (news.to, gone.told(news).outcome) == ("CPOR-A", "gone")
    market.associations.found_gone(news)
    market.tell(second)
    assert market.holder() is None
    second.tell("approve")
    second.pay()
    assert market.holder() == "CPOR-B"


def test_associations_that_began_anew_learn_from_the_claims_who_holds_and_who_asks() -> None:
    market = Market()
    first, second = market.approved("CPOR-A"), market.submitted("CPOR-B", mpn_id="4999999")
    before = market.associations.state
    market.associations = Associations(State(tenant_id=TENANT, step=before.step))
    found = [play.claim.account(play.now) for play in (second, first)]
    market.associations.begin_with([each for each in found if each])
    assert market.holder() == "CPOR-A"
    assert set(market.associations.state.claims) == {"CPOR-A", "CPOR-B"}
    assert first.last.text.startswith("says again that it holds its items")
    second.refuses("held_by_rival", "approve")
    first.associations = second.associations = market.associations
    first.tell("withdraw")
    first.pay()
    market.tell(second)
    second.tell("approve")
    second.pay()
    assert market.holder() == "CPOR-B"


def test_who_asks_for_nothing_has_nothing_to_say_of_itself() -> None:
    market = Market()
    assert market.submitted("CPOR-A", submit=False).claim.account(MONDAY) is None
    play = market.submitted("CPOR-B")
    play.tell("withdraw")
    play.pay()
    assert play.claim.account(play.now) is None


# What mails say


def facts_of(sent: list[Notice], kind: str) -> Any:
    (facts,) = [each.facts for each in sent if each.kind == kind]
    return facts


def test_mails_about_a_submission_wait_until_it_is_known_who_else_asks() -> None:
    market = Market()
    market.approved("CPOR-A")
    play = market.claim("CPOR-B", mpn_id="4999999")
    assert owed(play) == {"enter", "seal", "event"}
    sent = play.pay()
    (rival,) = facts_of(sent, "to_review")["rivals"]
    assert (rival["claim_id"], rival["holds"], rival["same_partner"]) == ("CPOR-A", True, False)
    assert facts_of(sent, "submitted")["contested"]["holds"] is True
    assert "CPOR-A" not in str(facts_of(sent, "submitted"))


def test_mails_wait_no_longer_than_the_first_tries() -> None:
    play = Market().claim("CPOR-A")
    play.claim.late(play.debt("enter").id, "no answer", play.now)
    assert {"submitted", "to_review"} <= owed(play)


def test_after_a_no_reviewers_partner_and_customer_read_that_there_was_one_and_when() -> None:
    market = Market()
    declined(market)
    play = market.claim("CPOR-B")
    sent = play.pay()
    play.tell("add_evidence")
    play.tell("approve")
    sent += play.pay()
    assert facts_of(sent, "to_review")["lacks_new_proof"] is True
    assert facts_of(sent, "to_review")["earlier"][0]["ended"] == "declined"
    for kind in ("submitted", "consent"):
        assert [each["claim_id"] for each in facts_of(sent, kind)["noes"]] == ["CPOR-A"]


def test_of_a_rival_of_the_same_partner_no_partner_is_told_that_it_is_another() -> None:
    market = Market()
    market.submitted("CPOR-A")
    assert "contested" not in facts_of(market.claim("CPOR-B").pay(), "submitted")


# What people see


def test_operators_read_on_the_page_of_a_claim_who_else_is_about_its_items() -> None:
    market = Market()
    market.approved("CPOR-A")
    page = current_details.details(market.submitted("CPOR-B", mpn_id="4999999").claim.state)
    said = "`CPOR-A` of another partner **holds Teams, Exchange Online** since Mon 02 Mar 2026"
    assert said in page
    assert "4912345" not in page


def test_lists_can_be_searched_for_contested_claims() -> None:
    market = Market()
    first = market.submitted("CPOR-A")
    assert "ClaimContested" not in by_name(search_attributes.of(first.claim.state))
    second = market.submitted("CPOR-B", mpn_id="4999999")
    market.tell(first)
    for play in (first, second):
        assert by_name(search_attributes.of(play.claim.state))["ClaimContested"] is True
    second.tell("withdraw")
    second.pay()
    market.tell(first)
    for play in (first, second):
        assert "ClaimContested" not in by_name(search_attributes.of(play.claim.state))


def test_reviewers_read_it_on_the_command_line_and_in_their_inbox() -> None:
    market = Market()
    declined(market)
    market.approved("CPOR-B", mpn_id="4999999")
    known = views.view(market.submitted("CPOR-C").claim.state)
    items = f"{EXCHANGE}, {TEAMS}"
    proof = "newest proof Mon 02 Mar 2026"
    holds = f"CPOR-B holds {items} since Mon 02 Mar 2026, {proof} (partner 4999999)"
    before = "before: CPOR-A, the customer said no, Mon 02 Mar 2026 (same partner)"
    assert rivals_text.rivals(known).splitlines()[1:] == [f"  {holds}", f"  {before}"]
    assert holds in claim_text.claim(known, {}, MONDAY)
    sides: tuple[Sight, ...] = ("partner", "customer")
    for side in sides:
        assert "CPOR-B" not in claim_text.claim(known, {}, MONDAY, side)
    shown = [associations_views.item(market.associations.state, TEAMS)]
    assert rivals_text.items(shown).splitlines() == [
        f"{TEAMS}  held by CPOR-B (partner 4999999) since Mon 02 Mar 2026",
        "  asked for by CPOR-C (partner 4912345), first submitted Mon 02 Mar 2026, " + proof,
        "  before: CPOR-A, the customer said no, Mon 02 Mar 2026 (partner 4912345)",
    ]


def test_a_displaced_claim_that_wins_its_dispute_begins_anew() -> None:
    """Else its second hand-off would be recalled as soon as it is taken."""
    market = Market()
    first, second = market.approved("CPOR-A"), market.submitted("CPOR-B", mpn_id="4999999")
    first.wait(first.now + 10 * DAY)
    second.now = first.now
    second.tell("approve", displace=True, note=NOTE)
    second.pay()
    market.tell(first)
    first.pay()
    assert first.claim.state.eligibility == "recalled"
    first.tell("dispute")
    first.pay()
    first.tell("approve", LEE, displace=True, note=NOTE)
    first.pay()
    assert first.claim.state.consent == "pending"
    assert first.claim.state.official_since is None
    first.wait(first.now + 10 * DAY)
    assert first.claim.state.eligibility == "sent"


def test_a_hand_off_that_arrives_when_its_association_is_over_is_recalled_all_the_same() -> None:
    first, hand_off = _twice_official_and_its_first_hand_off()
    first.answer(hand_off, EventResult(outcome="taken", at=first.now))
    (recall,) = first.debts("recall")
    assert recall.facts["recalls"] == hand_off.id
    assert recall.facts["reason"] == "displaced_by_rival"
    first.pay()
    assert (first.claim.state.eligibility, first.claim.state.handed_off_at) == ("none", None)
    first.wait(first.now + 10 * DAY)
    assert first.claim.state.eligibility == "sent"


def test_a_recall_names_the_hand_off_that_was_taken_and_not_the_last_one_tried() -> None:
    first, before = _twice_official_and_its_first_hand_off()
    _wait_until_official(first)
    (taken,) = (debt for debt in first.debts("hand_off") if debt.id != before.id)
    first.claim.begin(taken, "run-1")
    first.answer(taken, EventResult(outcome="taken", at=first.now))
    before.in_conflict(first.claim.state, Conflict(text="", found=[], sent="otherwise"))
    first.tell("disassociate")
    (recall,) = first.debts("recall")
    assert recall.facts["recalls"] == taken.id


def _twice_official_and_its_first_hand_off() -> tuple[Play, Any]:
    """It was displaced while its hand-off was on its way, and then approved once more."""
    market = Market()
    first, second = market.approved("CPOR-A"), market.submitted("CPOR-B", mpn_id="4999999")
    _wait_until_official(first)
    (hand_off,) = first.debts("hand_off")
    first.claim.begin(hand_off, "run-1")
    second.now = first.now
    second.tell("approve", displace=True, note=NOTE)
    second.pay()
    market.tell(first)
    first.tell("dispute")
    first.pay(*ALL_BUT_HAND_OFFS)
    first.tell("approve", LEE, displace=True, note=NOTE)
    first.pay(*ALL_BUT_HAND_OFFS)
    return first, hand_off


def _wait_until_official(play: Play) -> None:
    while not play.claim.state.official_since:
        wake = play.claim.next_wake()
        assert wake
        play.now = wake.at
        play.tick()
        play.pay(*ALL_BUT_HAND_OFFS)
