"""An item has one holder: who gets it, who is put aside, who is told, and what is remembered."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest

from cpor.rules.associations import memory
from cpor.rules.associations.items import items_of
from cpor.rules.associations.state import MOST_OPEN
from cpor.rules.associations.table import rows
from cpor.rules.errors import Invalid
from cpor.rules.facts import Product
from docs.generate import rivals
from tests.rules.tenant import EXCHANGE, INTUNE, TEAMS, TENANT, Tenant, named

OTHER_TENANT = TENANT.replace("5f1c", "0000")
MOST_BYTES = 1_500_000
"""The engine carries 2 MiB from one run to the next."""


def test_a_claim_that_enters_learns_who_holds_the_item_and_who_else_asks() -> None:
    tenant = Tenant()
    assert tenant.enter("CPOR-A").rivals == []
    tenant.enter("CPOR-B")
    tenant.award("CPOR-B")
    found = tenant.enter("CPOR-C", [TEAMS, EXCHANGE]).rivals
    assert [(each.claim_id, each.holds, each.items) for each in found] == [
        ("CPOR-B", True, [TEAMS]),
        ("CPOR-A", False, [TEAMS]),
    ]


def test_an_item_that_another_claim_holds_is_not_granted() -> None:
    tenant = Tenant()
    tenant.enter("CPOR-A")
    tenant.enter("CPOR-B")
    assert tenant.award("CPOR-A").outcome == "granted"
    lost = tenant.award("CPOR-B")
    assert (lost.outcome, named(lost.rivals)) == ("not_granted", ["CPOR-A"])
    assert tenant.holder() == "CPOR-A"


def test_a_claim_gets_all_its_items_or_none() -> None:
    tenant = Tenant()
    tenant.enter("CPOR-A")
    tenant.enter("CPOR-B", [TEAMS, EXCHANGE])
    tenant.award("CPOR-A")
    assert tenant.award("CPOR-B", [TEAMS, EXCHANGE]).outcome == "not_granted"
    assert tenant.holder(EXCHANGE) is None


def test_a_holder_is_displaced_only_by_who_names_it() -> None:
    tenant = Tenant()
    for claim in ("CPOR-A", "CPOR-B", "CPOR-C"):
        tenant.enter(claim)
    tenant.award("CPOR-A")
    assert tenant.award("CPOR-B", [TEAMS], "CPOR-C").outcome == "not_granted"
    assert tenant.award("CPOR-B", [TEAMS], "CPOR-A").outcome == "granted"
    assert (tenant.holder(), tenant.told("displaced")) == ("CPOR-B", {"CPOR-A": [TEAMS]})


def test_a_displaced_claim_loses_all_it_held_and_others_learn_what_is_free() -> None:
    tenant = Tenant()
    tenant.enter("CPOR-A", [TEAMS, EXCHANGE])
    tenant.award("CPOR-A", [TEAMS, EXCHANGE])
    tenant.enter("CPOR-B")
    tenant.enter("CPOR-C", [EXCHANGE])
    tenant.award("CPOR-B", [TEAMS], "CPOR-A")
    assert (tenant.holder(TEAMS), tenant.holder(EXCHANGE)) == ("CPOR-B", None)
    assert tenant.told("displaced") == {"CPOR-A": [TEAMS, EXCHANGE]}
    assert tenant.told("item_free") == {"CPOR-C": [EXCHANGE]}


def test_a_displaced_claim_still_asks_so_that_it_may_win_its_dispute() -> None:
    tenant = Tenant()
    tenant.enter("CPOR-A")
    tenant.award("CPOR-A")
    tenant.enter("CPOR-B")
    tenant.award("CPOR-B", [TEAMS], "CPOR-A")
    assert named(tenant.enter("CPOR-C").rivals) == ["CPOR-B", "CPOR-A"]
    assert tenant.award("CPOR-A", [TEAMS], "CPOR-B").outcome == "granted"
    assert tenant.told("displaced").keys() == {"CPOR-A", "CPOR-B"}


def test_what_ends_frees_its_items_and_whoever_asks_is_told() -> None:
    tenant = Tenant()
    tenant.enter("CPOR-A")
    tenant.award("CPOR-A")
    tenant.enter("CPOR-B")
    tenant.release("CPOR-A", "disassociated")
    assert (tenant.holder(), tenant.told("item_free")) == (None, {"CPOR-B": [TEAMS]})
    assert tenant.award("CPOR-B").outcome == "granted"


def test_who_only_asked_frees_nothing() -> None:
    tenant = Tenant()
    tenant.enter("CPOR-A")
    tenant.enter("CPOR-B")
    tenant.release("CPOR-A")
    assert tenant.told("item_free") == {}


def test_a_claim_that_enters_anew_gives_up_what_it_held() -> None:
    """Its approval was taken back: a file that it rested on is not there."""
    tenant = Tenant()
    tenant.enter("CPOR-A")
    tenant.award("CPOR-A")
    tenant.enter("CPOR-B")
    tenant.enter("CPOR-A", [EXCHANGE])
    assert (tenant.holder(), tenant.told("item_free")) == (None, {"CPOR-B": [TEAMS]})


def test_of_free_items_a_claim_is_told_once_until_it_has_heard() -> None:
    tenant = Tenant()
    tenant.enter("CPOR-C", [TEAMS, EXCHANGE])
    for claim, item in (("CPOR-A", TEAMS), ("CPOR-B", EXCHANGE)):
        tenant.enter(claim, [item])
        tenant.award(claim, [item])
        tenant.release(claim)
    assert tenant.told("item_free") == {"CPOR-C": [EXCHANGE, TEAMS]}
    (news,) = tenant.state.news
    tenant.associations.told(news.id)
    assert tenant.state.news == []


@pytest.mark.parametrize("times", [1, 2])
def test_the_same_call_twice_changes_nothing(times: int) -> None:
    tenant = Tenant()
    wish, award = tenant.wish("CPOR-A"), tenant.call("CPOR-A", items=[TEAMS])
    end = tenant.call("CPOR-A", ended="declined")
    for name, call, outcome in (
        ("enter", wish, "entered"),
        ("award", award, "granted"),
        ("release", end, "released"),
    ):
        before = None
        for _ in range(times + 1):
            assert tenant.say(name, call).outcome == outcome
            assert before in (None, tenant.state)
            before = tenant.state


def test_an_older_call_never_wins() -> None:
    tenant = Tenant()
    old, award = tenant.wish("CPOR-A"), tenant.call("CPOR-A", items=[TEAMS])
    tenant.enter("CPOR-A", [EXCHANGE])
    for name, call in (("enter", old), ("award", award)):
        assert tenant.say(name, call).outcome == "overtaken"
    tenant.release("CPOR-A")
    for name, call in (("enter", old), ("award", award)):
        assert tenant.say(name, call).outcome == "overtaken"
    assert (tenant.state.claims, tenant.state.holders) == ({}, {})


def test_a_release_that_overtook_the_first_call_leaves_nobody_asking() -> None:
    tenant = Tenant()
    wish = tenant.wish("CPOR-A")
    tenant.release("CPOR-A")
    assert tenant.say("enter", wish).outcome == "overtaken"
    assert tenant.state.claims == {}


def test_an_award_that_is_said_again_after_it_was_lost_is_not_granted_anew() -> None:
    tenant = Tenant()
    tenant.enter("CPOR-A")
    tenant.enter("CPOR-B")
    award = tenant.call("CPOR-A", items=[TEAMS])
    assert tenant.say("award", award).outcome == "granted"
    tenant.award("CPOR-B", [TEAMS], "CPOR-A")
    tenant.release("CPOR-B")
    assert tenant.say("award", award).outcome == "not_granted"
    assert tenant.holder() is None


def test_an_award_that_was_refused_is_not_granted_when_it_comes_twice() -> None:
    tenant = Tenant()
    tenant.enter("CPOR-A")
    tenant.enter("CPOR-B")
    tenant.award("CPOR-A")
    award = tenant.call("CPOR-B", items=[TEAMS])
    assert tenant.say("award", award).outcome == "not_granted"
    tenant.release("CPOR-A")
    assert tenant.say("award", award).outcome == "not_granted"
    assert tenant.award("CPOR-B").outcome == "granted"


@pytest.mark.parametrize("items", [[EXCHANGE], [TEAMS, EXCHANGE]])
def test_nobody_is_given_what_it_never_asked_for(items: list[str]) -> None:
    tenant = Tenant()
    assert tenant.award("CPOR-A").outcome == "never_entered"
    tenant.enter("CPOR-A")
    assert tenant.award("CPOR-A", items).outcome == "never_entered"
    assert tenant.state.holders == {}


@pytest.mark.parametrize(
    ("name", "changes", "field"),
    [
        ("enter", {"tenant_id": OTHER_TENANT}, "tenant_id"),
        ("enter", {"tenant_id": "contoso.example"}, "tenant_id"),
        ("enter", {"items": []}, "items"),
        ("enter", {"items": [TEAMS, TEAMS]}, "items"),
        ("enter", {"items": ["workload:"]}, "items.0"),
        ("enter", {"items": [TEAMS] * 21}, "items"),
        ("enter", {"round": 0}, "round"),
        ("enter", {"holder": True}, "holder"),
        ("steal", {}, ""),
    ],
)
def test_what_is_malformed_or_for_another_tenant_is_refused_by_field(
    name: str, changes: dict[str, Any], field: str
) -> None:
    tenant = Tenant()
    with pytest.raises(Invalid) as caught:
        tenant.say(name, {**tenant.wish("CPOR-A"), **changes})
    assert [problem.field for problem in caught.value.problems] == [field]
    assert tenant.state.is_empty


def test_all_products_of_a_subscription_are_one_item() -> None:
    products = [
        Product(code="sales", name="Sales", subscription_id=TENANT),
        Product(code="field-service", name="Field Service", subscription_id=TENANT),
        Product(code="teams", name="Teams"),
    ]
    assert items_of(products) == [f"subscription:{TENANT}", TEAMS]


# What came before


def test_earlier_claims_are_told_the_same_partners_noes_first() -> None:
    tenant = Tenant()
    for claim, mpn_id, ended in (
        ("CPOR-A", "4912345", "declined"),
        ("CPOR-B", "4912345", "withdrawn"),
        ("CPOR-C", "4999999", "declined"),
    ):
        tenant.enter(claim, mpn_id=mpn_id)
        tenant.release(claim, ended)
    found = tenant.enter("CPOR-D", mpn_id="4912345").earlier
    assert [each.claim_id for each in found] == ["CPOR-A", "CPOR-B", "CPOR-C"]


def test_a_draft_again_is_no_earlier_claim_and_may_ask_anew() -> None:
    tenant = Tenant()
    tenant.enter("CPOR-A")
    tenant.release("CPOR-A", "sent_back")
    assert tenant.state.earlier == []
    assert tenant.enter("CPOR-A").outcome == "entered"


def test_nobody_makes_a_customers_no_forgotten_by_filing_claims_after_it() -> None:
    tenant = Tenant()
    tenant.enter("CPOR-FIRST", mpn_id="4912345")
    tenant.release("CPOR-FIRST", "declined")
    for number in range(memory.MOST_EARLIER + 10):
        claim = f"CPOR-{number}"
        tenant.enter(claim, [TEAMS if number % 2 else INTUNE])
        tenant.release(claim)
    assert tenant.enter("CPOR-LAST", mpn_id="4912345").earlier[0].claim_id == "CPOR-FIRST"


def test_it_ends_when_nobody_asks_unless_a_no_must_be_remembered() -> None:
    tenant = Tenant()
    tenant.enter("CPOR-A")
    tenant.release("CPOR-A")
    assert tenant.state.is_empty
    tenant.enter("CPOR-B")
    tenant.release("CPOR-B", "declined")
    assert not tenant.state.is_empty


# Bounds


def subscriptions(number: int) -> list[str]:
    return [f"subscription:{number:08x}-8c0b-4f3c-9d2a-{each:012x}" for each in range(20)]


@pytest.mark.thorough
def test_after_thousands_of_claims_what_is_kept_is_small() -> None:
    tenant = Tenant()
    say = tenant.associations.take
    for number in range(700):
        claim, items = f"CPOR-{'X' * 30}-{number:04}", subscriptions(number)
        wish = {**tenant.wish(claim, items), "proofs": [f"{each:064x}" for each in range(20)]}
        say("enter", [wish])
        say("award", [tenant.call(claim, items=items)])
        say("release", [tenant.call(claim, ended="declined")])
    for number in range(MOST_OPEN):
        wish = tenant.wish(f"CPOR-{'Y' * 30}-{number:04}", subscriptions(number))
        say("enter", [{**wish, "proofs": [f"{each:064x}" for each in range(20)]}])
    tenant.put_away()
    assert len(tenant.state.model_dump_json()) < MOST_BYTES


@pytest.mark.thorough
def test_five_thousand_claims_leave_no_more_than_five_hundred_do() -> None:
    tenant = Tenant()
    say, kept = tenant.associations.take, list[int]()
    for number in range(5_000):
        claim = f"CPOR-{number:04}"
        say("enter", [tenant.wish(claim, [TEAMS, *subscriptions(number % 50)[:3]])])
        say("award", [tenant.call(claim, items=[TEAMS, *subscriptions(number % 50)[:3]])])
        say("release", [tenant.call(claim, ended="declined" if number % 3 else "withdrawn")])
        if number % 500 == 499:
            kept.append(len(tenant.state.model_dump_json()))
    assert max(kept) < min(kept) * 1.2


@pytest.mark.thorough
def test_where_too_many_ask_the_next_one_waits_until_one_goes() -> None:
    tenant = Tenant()
    for number in range(MOST_OPEN):
        tenant.associations.take("enter", [tenant.wish(f"CPOR-{number:04}")])
    late = tenant.wish("CPOR-LATE")
    assert tenant.say("enter", late).outcome == "full"
    tenant.release("CPOR-0001")
    assert tenant.say("enter", late).outcome == "entered"
    answer = tenant.enter("CPOR-0002")
    assert len(answer.rivals) + answer.more_rivals == MOST_OPEN - 1
    assert len(answer.model_dump_json()) < 8_000


def test_every_call_is_heard_however_a_claim_stands() -> None:
    assert {(row.stands, row.hears) for row in rows() if not row.provided} == set(
        product(("none", "asks", "holds"), ("enter", "award", "release"))
    )


def test_the_page_has_the_table_of_today() -> None:
    text = rivals.PAGE.read_text("utf-8")
    assert rivals.page(text) == text, "uv run python -m docs.generate.rivals"
