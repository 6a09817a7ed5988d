"""What a claim must say to be opened: each problem has its own text, all are named at once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from cpor.rules.claim import Claim
from cpor.rules.errors import Invalid
from cpor.rules.facts import Opening
from cpor.rules.lifecycle import Status
from tests.examples import PROOF_SHA256, dynamics_opening, opening, proof, without
from tests.rules.play import MONDAY, Play, fields_of

SUBSCRIPTION = "0d3f7a52-6a4e-4a8e-9f52-1f0f3a5f7c01"


def problems(data: object) -> dict[str, str]:
    with pytest.raises(Invalid) as refused:
        Claim.open(data, MONDAY)
    assert all(str(problem) in refused.value.text for problem in refused.value.problems)
    return fields_of(refused.value)


def changed(data: Mapping[str, Any], path: str, value: Any) -> dict[str, Any]:
    """The data with one field replaced, down a path such as `customer.contact.email`."""
    field, _, rest = path.partition(".")
    return {**data, field: changed(data[field], rest, value) if rest else value}


def files(count: int) -> list[dict[str, Any]]:
    return [proof(str(number).encode(), f"{number}.pdf") for number in range(count)]


def subscriptions(count: int) -> list[dict[str, Any]]:
    return [
        {"name": "Sales", "subscription_id": f"0d3f7a52-6a4e-4a8e-9f52-{number:012d}"}
        for number in range(count)
    ]


def test_a_right_opening_is_submitted_at_once() -> None:
    assert Play().claim.state.status is Status.SUBMITTED


def test_an_opening_may_stay_a_draft_without_any_evidence() -> None:
    play = Play(opening(submit=False, evidence=[]))
    assert play.claim.state.status is Status.EDITING
    assert play.claim.state.debts == []


@pytest.mark.parametrize(
    ("path", "value", "text"),
    [
        ("claim_id", "cpor-1", "must be 4 to 40 characters of A-Z, 0-9 and -"),
        ("claim_id", "CPO", "must be 4 to 40 characters of A-Z, 0-9 and -"),
        ("claim_id", "CPOR-1\n", "must be 4 to 40 characters of A-Z, 0-9 and -"),
        ("name", " ", "must not be empty"),
        ("name", "x" * 256, "must have at most 255 characters"),
        ("name", "one\ntwo", "must be one line of printable characters"),
        ("name", 7, "must be a text"),
        ("program", "osu", "must be 'osa-sell', 'osu-m365' or 'osu-business-applications'"),
        ("activity", "presales", "presales does not go with osu-m365; it takes usage"),
        ("partner.mpn_id", "49 12", "must be an MPN ID of 4 to 12 digits"),
        ("partner.country", "de", "must be a two-letter country code such as DE"),
        (
            "partner.contact.email",
            "ada@fabrikam",
            "must be an e-mail address such as name@company.example",
        ),
        ("partner.contact.language", "german", "must be a language tag such as en or de-AT"),
        (
            "customer.tenant_id",
            "5f1c6d3e",
            "must be a GUID such as 5f1c6d3e-8c0b-4f3c-9d2a-0b8f6f1f7a11",
        ),
        ("customer.domain", "contoso", "must be a domain such as company.example"),
        ("customer.domain", "https://contoso.example", "must be a domain such as company.example"),
        (
            "customer.contact.email",
            "Lars Ek <lars@contoso.example>",
            "must be an e-mail address such as name@company.example",
        ),
        ("customer", "Contoso", "must be an object"),
        ("products", [], "at least one product is needed"),
        ("products", "Teams", "must be a list"),
        ("products", [{"name": "Teams"}] * 21, "must have at most 20 entries"),
        ("evidence", [], "at least one proof file is needed to submit"),
        ("evidence", files(21), "must have at most 20 entries"),
        ("comment", "é" * 2001, "must have at most 4000 bytes"),
        ("comment", "", "must not be empty; leave the field out instead"),
        ("comment", "\u00a0\u200d", "must not be empty; leave the field out instead"),
        ("comment", "a\x07b", "must not have control characters"),
        ("comment", "a\x85b", "must not have control characters"),
        ("comment", "a\u2028b", "must not have control characters"),
        ("comment", "a\u202eb", "must not have control characters"),
        ("edition", "1999", "edition '1999' is not known; there are 2020, 2020-intro, 2023"),
        ("submit", "perhaps", "must be a valid boolean, unable to interpret input"),
    ],
)
def test_each_wrong_field_is_named_with_a_text_of_its_own(path: str, value: Any, text: str) -> None:
    assert problems(changed(opening(), path, value)) == {path: text}


@pytest.mark.parametrize(
    "text",
    ["10\u00a0% und 5\u202f€", "一\u3000二", "می\u200cخواهم", "👨\u200d👩\u200d👧", "a\r\n\tb"],
)
def test_blanks_of_every_script_are_kept_as_they_were_typed(text: str) -> None:
    assert Opening.read(changed(opening(), "comment", text)).comment == text


@pytest.mark.parametrize(
    ("file", "field", "text"),
    [
        ({"sha256": "ABC"}, "sha256", "must be a SHA-256 in 64 lower-case hex digits"),
        ({"name": "sow.exe"}, "name", "must be a file name that ends in one of pdf, docx"),
        ({"name": "pdf"}, "name", "must be a file name that ends in one of pdf, docx"),
        ({"name": "../sow.pdf"}, "name", "must be a file name that ends in one of pdf, docx"),
        ({"size": 0}, "size", "must be from 1 to 26214400 bytes (25 MiB)"),
        ({"size": 25 * 1024 * 1024 + 1}, "size", "must be from 1 to 26214400 bytes (25 MiB)"),
        ({"size": "12"}, "size", "must be a valid integer"),
        ({"state": "sealed"}, "state", "is not a known field"),
    ],
)
def test_a_wrong_file_is_named_by_its_place(file: Mapping[str, Any], field: str, text: str) -> None:
    found = problems(opening(evidence=[{**proof(), **file}]))
    assert list(found) == [f"evidence.0.{field}"]
    assert found[f"evidence.0.{field}"].startswith(text)


def test_the_same_file_twice_is_one_too_many() -> None:
    again = {**proof(), "name": "again.pdf"}
    assert problems(opening(evidence=[proof(), again])) == {
        "evidence.1.sha256": "this file is named twice"
    }


def test_the_same_product_twice_is_found_under_each_of_its_names() -> None:
    assert problems(opening(products=[{"name": "Yammer"}, {"name": "viva-engage"}])) == {
        "products.1.name": "Viva Engage is named twice"
    }


def test_two_subscriptions_of_one_product_are_two_products() -> None:
    assert len(Play(dynamics_opening(products=subscriptions(2))).claim.state.products) == 2


def test_the_same_subscription_is_recognised_whatever_its_case() -> None:
    twice = [
        {"name": "Sales", "subscription_id": SUBSCRIPTION},
        {"name": "Dynamics 365 Sales", "subscription_id": SUBSCRIPTION.upper()},
    ]
    assert problems(dynamics_opening(products=twice)) == {"products.1.name": "Sales is named twice"}


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (
            dynamics_opening(products=[{"name": "Sales"}]),
            {"products.0.subscription_id": "needed for Sales"},
        ),
        (
            dynamics_opening(products=[{"name": "Sales", "subscription_id": "1"}]),
            {
                "products.0.subscription_id": "must be a GUID such as "
                "5f1c6d3e-8c0b-4f3c-9d2a-0b8f6f1f7a11"
            },
        ),
        (
            opening(products=[{"name": "Teams", "subscription_id": SUBSCRIPTION}]),
            {"products.0.subscription_id": "must be left out under osu-m365"},
        ),
        (
            dynamics_opening(customer=opening()["customer"]),
            {"customer.technical_contact": "needed under osu-business-applications"},
        ),
        (
            dynamics_opening(activity="presales"),
            {"activity": "presales does not go with osu-business-applications; it takes usage"},
        ),
        (
            dynamics_opening(program="osa-sell"),
            {
                "activity": "usage does not go with osa-sell; "
                "it takes presales or revenue-association"
            },
        ),
    ],
)
def test_what_does_not_fit_together_is_said(data: Any, found: dict[str, str]) -> None:
    assert problems(data) == found


def test_all_problems_are_named_at_once() -> None:
    data = {
        **without(opening(), "name"),
        "activity": "presales",
        "colour": "red",
        "customer": {**opening()["customer"], "tenant_id": "?"},
        "products": [{"name": "Sales"}],
        "evidence": [],
        "edition": "1999",
    }
    assert set(problems(data)) == {
        "name",
        "activity",
        "colour",
        "customer.tenant_id",
        "products.0.name",
        "evidence",
        "edition",
    }


def test_unknown_fields_are_refused_by_name() -> None:
    data = changed(opening(), "customer.contact.phone", "1")
    assert problems({**data, "colour": "red"}) == {
        "customer.contact.phone": "is not a known field",
        "colour": "is not a known field",
    }


@pytest.mark.parametrize("data", [None, "claim", 7, [], [opening()]])
def test_only_an_object_opens_a_claim(data: object) -> None:
    assert problems(data) == {"": "must be an object"}


def test_an_empty_object_is_told_everything_that_is_needed() -> None:
    assert problems({}) == dict.fromkeys(
        ("claim_id", "name", "program", "activity", "partner", "customer", "products"), "is needed"
    ) | {"evidence": "at least one proof file is needed to submit"}


def test_what_is_at_the_bounds_is_taken() -> None:
    data = dynamics_opening(
        products=subscriptions(20),
        evidence=[{**file, "size": 25 * 1024 * 1024} for file in files(20)],
        comment="x" * 4000,
    )
    claim = Play(data).claim
    assert (len(claim.state.products), len(claim.state.evidence)) == (20, 20)


def test_a_flood_of_problems_is_answered_shortly() -> None:
    with pytest.raises(Invalid) as refused:
        Claim.open(opening() | {f"field-{number}": 1 for number in range(1000)}, MONDAY)
    assert refused.value.text.endswith("and 980 more")
    with pytest.raises(Invalid) as refused:
        Claim.open(opening() | {"x" * 100_000: 1}, MONDAY)
    assert len(refused.value.text) < 300


def test_a_flood_of_products_is_not_looked_at() -> None:
    flood = [{"name": f"Temas {number}"} for number in range(100_000)]
    assert problems(opening(products=flood)) == {"products": "must have at most 20 entries"}


def test_what_was_sent_is_kept_in_one_spelling() -> None:
    claim = Play(
        changed(opening(), "customer.tenant_id", "5F1C6D3E-8C0B-4F3C-9D2A-0B8F6F1F7A11")
    ).claim
    assert claim.state.customer.tenant_id == "5f1c6d3e-8c0b-4f3c-9d2a-0b8f6f1f7a11"
    assert [product.code for product in claim.state.products] == ["teams", "exchange-online"]
    assert [file.sha256 for file in claim.state.evidence] == [PROOF_SHA256]


def test_instants_are_kept_in_utc() -> None:
    play = Play(now=datetime(2026, 3, 2, 9, 0, tzinfo=UTC))
    assert play.claim.state.model_dump(mode="json")["first_submitted_at"] == "2026-03-02T09:00:00Z"
