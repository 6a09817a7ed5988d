"""What the name of a party may be: mails say it in our name."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

from cpor.rules.claim import Claim
from cpor.rules.errors import Invalid
from cpor.rules.party_names import PartyName
from tests.examples import opening
from tests.rules.play import MONDAY, fields_of, submitted

TAKEN = (
    *("Fabrikam", "Müller & Söhne GmbH", "AT&T", "O’Neil, Ltd. (UK)", "İstanbul Çağrı", "Yahoo!"),
    *("株式会社ソニー・ミュージック", "हिन्दी संस्था", "Яндекс Yandex", "שלום", "ไทย", "한국 電力"),
    *("Nguyễn Thị", "Zoe\u0308", "12345 Ltd", "Studio 54 (1999 GmbH)", "عربي 12", "x" * 80),
)
REFUSED = {
    "two scripts beside Latin": ("Яндекс Ελλάς", "must be of one script, beside Latin letters"),
    "a telephone number": ("Call 0800 12 34 56", "must not have more than 5 digits"),
    "one with signs": ("Call +49-30-12345", "must not have more than 5 digits"),
    "one in other digits": ("٠١٢٣٤٥", "must not have more than 5 digits"),
    "a slash": ("evil/x", "must have only letters"),
    "a backslash": ("\\\\host\\x", "must have only letters"),
    "an address": ("ada@evil", "must have only letters"),
    "a sign that turns the text": ("evil\u202e", "must have only letters"),
    "a sign that is not seen": ("Kim\u200b", "must have only letters"),
    "two lines": ("Kim\nhttp", "must have only letters"),
    "a picture": ("Kim 😀", "must have only letters"),
    "digits that are letters of mathematics": ("Kim 𝟏", "must have only letters"),
    "too long": ("x" * 81, "must have at most 80 characters"),
    "nothing": (" ", "must not be empty"),
}
NAMES = (
    *("partner.name", "partner.contact.name", "customer.name", "customer.contact.name"),
    "by.name",
)


@pytest.mark.parametrize("name", TAKEN)
def test_names_of_people_and_companies_are_taken(name: str) -> None:
    assert TypeAdapter[str](PartyName).validate_python(f" {name} ") == name


@pytest.mark.parametrize(("name", "text"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_no_name_is_refused(name: str, text: str) -> None:
    with pytest.raises(ValidationError, match=text):
        TypeAdapter[str](PartyName).validate_python(name)


@pytest.mark.parametrize("field", NAMES)
def test_each_name_of_a_party_is_looked_at(field: str) -> None:
    data: dict[str, Any] = opening(by={"role": "partner", "id": "ada"})
    *path, name = field.split(".")
    party = data
    for step in path:
        party = party[step]
    party[name] = "Call 0800 123456"
    with pytest.raises(Invalid) as refused:
        Claim.open(data, MONDAY)
    assert list(fields_of(refused.value)) == [field]


@pytest.mark.parametrize("email", ["a\u202eb@x.example", "a\x85b@x.example", "a\u200b@x.example"])
def test_an_address_has_no_sign_that_is_not_seen(email: str) -> None:
    contact = {"name": "Lars Ek", "email": email}
    refused = submitted().refuses("invalid", "edit", changes={"customer_contact": contact})
    assert list(fields_of(refused)) == ["changes.customer_contact.email"]
