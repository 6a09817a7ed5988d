"""The page is as fair as the mail: it says the same, in each language, with the same words."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from cpor.page import html
from cpor.page.translations import codes, translation
from tests.page.site import words_of

FACTS: Mapping[str, object] = {
    "about": "https://claims.company.example/about",
    "claim_id": "CPOR-7Q2M4X",
    "customer": "Contoso",
    "ended": None,
    "most": 1000,
    "partner": "Fabrikam",
    "partner_contact": "Ada Berg",
    "products": "Teams",
    "reply_to": "no-thanks@cpor.example",
    "sender": "claims@cpor.example",
    "until": "2026-11-27",
    "vendor": "Microsoft Ireland",
    "logo": None,
    "privacy_url": None,
    "imprint_url": None,
    "vendor_in_full": "Microsoft Ireland, 1 Example Way",
    "phone": None,
    "check_url": None,
}
PAGE, PHONE = "https://vendor.example/is-this-real", "+353 1 555 0100"

each_language = pytest.mark.parametrize("code", codes())


def said(code: str, activity: str = "usage", **facts: object) -> str:
    page = html.render(
        "ask",
        translation(code),
        {**FACTS, **facts},
        activity=activity,
        products=["Teams"],
        official=False,
        later=False,
        confirmation="",
        note="",
        problem=False,
    )
    return words_of(bytes(page.body).decode())


def sentence(code: str, name: str) -> str:
    words = translation(code).language.words["consent"]
    return words[name].format(**{**FACTS, "phone": PHONE})


@each_language
def test_the_page_says_all_that_the_mail_says(code: str) -> None:
    text = said(code)
    names = ("scheme", "sees", "earns", "we", "reviewed")
    places = [text.index(sentence(code, name)) for name in names]
    assert places == sorted(places)
    assert places[-1] < text.index("2026-11-27")
    assert "Claiming Partner of Record" in text


@each_language
def test_the_page_of_a_claim_for_recognition_says_that_it_earns_no_money(code: str) -> None:
    text = said(code, "revenue-association")
    assert sentence(code, "earns_nothing") in text
    assert sentence(code, "earns") not in text


@each_language
@pytest.mark.parametrize("page", [None, PAGE])
@pytest.mark.parametrize("phone", [None, PHONE])
def test_the_page_can_be_checked_without_the_partner(
    phone: str | None, page: str | None, code: str
) -> None:
    text = said(code, phone=phone, check_url=page)
    for where in filter(None, (phone, page)):
        assert where in text
    can_be_asked = bool(phone or page)
    assert (sentence(code, "check") in text) == can_be_asked
    assert (sentence(code, "check_yourself") in text) == (not can_be_asked)
    assert "None" not in text
