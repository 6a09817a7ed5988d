"""The mail that asks the customer is fair: each of its rules, in each language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from activities.mail import letters
from cpor import languages
from cpor.languages import dates, language
from cpor.rules.effects.notice import Notice
from cpor.rules.lifecycle import Recipient, Told
from cpor.settings import Vendor
from demo.notice_samples import LINKS, SAMPLES
from tests.activities.facts import CLAIM, notice
from tests.activities.reading import END

VENDOR = Vendor("Microsoft Ireland Operations Limited", "South County Business Park, Dublin")
PAGE, PHONE = "https://vendor.example/is-this-real", "+353 1 555 0100"
WITH_PAGE = replace(LINKS, decline="https://answer.example/s3cr3t", about=None)

each_language = pytest.mark.parametrize("code", languages.known())

MAY_EARN = {
    "en": "Fabrikam may earn money from Microsoft",
    "de": "Fabrikam kann durch diesen Anspruch Geld von Microsoft bekommen",
    "nl": "Fabrikam kan door deze claim geld van Microsoft krijgen",
    "sv": "Fabrikam kan få pengar av Microsoft",
    "tr": "Fabrikam bu talep sayesinde Microsoft firmasından para kazanabilir",
}
EARNS_NOTHING = {
    "en": "Fabrikam earns no money from Microsoft",
    "de": "Fabrikam bekommt durch diesen Anspruch kein Geld von Microsoft",
    "nl": "Fabrikam krijgt door deze claim geen geld van Microsoft",
    "sv": "Fabrikam får inga pengar av Microsoft",
    "tr": "Fabrikam bu talep sayesinde Microsoft firmasından para kazanmaz",
}
WANTS_IT = {
    "en": "Fabrikam wants to be recognised for this as",
    "de": "Fabrikam möchte dafür als",
    "nl": "Fabrikam wil hiervoor worden erkend als",
    "sv": "Fabrikam vill bli erkänd för detta som",
    "tr": "tanınmak istiyor",
}
USED_FOR = {
    "en": "Microsoft uses these records to recognise partners and to decide what it pays them",
    "de": "Microsoft nutzt diese Einträge, um Partner anzuerkennen und über ihre Vergütung zu",
    "nl": "Microsoft gebruikt deze registratie om partners te erkennen en om te bepalen wat zij",
    "sv": "Microsoft använder registreringen för att erkänna partner och för att besluta vad de",
    "tr": "Microsoft bu kayıtları, iş ortaklarını tanımak ve onlara ne ödeneceğine karar vermek",
}
SEES = {
    "en": "How much Contoso uses Teams and Exchange Online, and how many seats were sold. "
    "Nothing else",
    "de": "In welchem Umfang Contoso Teams und Exchange Online nutzt und wie viele Lizenzplätze "
    "davon verkauft wurden. Sonst nichts",
    "nl": "Hoeveel gebruik Contoso maakt van Teams en Exchange Online en hoeveel licenties ervan "
    "zijn verkocht. Verder niets",
    "sv": "Hur mycket Teams och Exchange Online används hos Contoso och hur många licenser som har "
    "sålts. Ingenting annat",
    "tr": "Contoso bünyesinde Teams ve Exchange Online kullanımının ne kadar olduğunu ve kaç "
    "kullanıcı lisansı satıldığını. Başka hiçbir şeyi görmez",
}
SILENCE = {
    "en": "your silence counts as consent",
    "de": "Ihr Schweigen gilt als Zustimmung",
    "nl": "reageert u niet, dan geldt dat als toestemming",
    "sv": "om du inte svarar räknas det som ett samtycke",
    "tr": "sessiz kalmanız onay verdiğiniz anlamına gelir",
}
IF_YOU_AGREE = {
    "en": "If all this is right and you agree",
    "de": "Wenn das alles stimmt und Sie einverstanden sind",
    "nl": "Als dit alles klopt en u ermee instemt",
    "sv": "Om allt det här stämmer och du är införstådd med det",
    "tr": "Bunların hepsi doğruysa ve kabul ediyorsanız",
}
SAYS_SO = {
    "en": "Fabrikam says that it helped Contoso",
    "de": "Fabrikam gibt an, Contoso bei",
    "nl": "Fabrikam zegt Contoso te hebben geholpen",
    "sv": "Fabrikam säger sig ha hjälpt Contoso",
    "tr": "Contoso firmasına yardımcı olduğunu söylüyor",
}
WITHOUT_THE_PARTNER = {
    "en": "You can ask us whether this is real, without going through Fabrikam",
    "de": "Sie können uns direkt fragen, ob das echt ist, ohne den Weg über Fabrikam",
    "nl": "U kunt ons vragen of dit echt is, buiten Fabrikam om",
    "sv": "Du kan fråga oss om det här är äkta, utan att gå via Fabrikam",
    "tr": "Bunun gerçek olup olmadığını, Fabrikam aracılığı olmadan, doğrudan bize sorabilirsiniz",
}
LOOK_IT_UP = {
    "en": "by a phone number or address that you look up yourself",
    "de": "über eine Telefonnummer oder Adresse, die Sie selbst nachschlagen",
    "nl": "via een telefoonnummer of adres dat u zelf opzoekt",
    "sv": "via ett telefonnummer eller en adress som du själv letar upp",
    "tr": "kendi bulduğunuz bir telefon numarasını veya adresi",
}


def said(code: str, told: Notice | None = None, vendor: Vendor = VENDOR) -> str:
    links = replace(WITH_PAGE, vendor=vendor)
    letter = letters.written_in(code, told or notice("consent", "contact"), links, END)
    return " ".join(letter.text.split())


def subject(code: str, **facts: Any) -> str:
    return letters.written_in(code, notice("consent", "contact", **facts), WITH_PAGE, END).subject


@each_language
@pytest.mark.parametrize(
    "rule",
    [WANTS_IT, USED_FOR, SEES, MAY_EARN, IF_YOU_AGREE, SILENCE],
    ids=["wants it", "used for", "sees", "may earn", "if you agree", "silence"],
)
def test_the_customer_reads_it(rule: Mapping[str, str], code: str) -> None:
    assert rule[code] in said(code)


@each_language
def test_first_who_claims_what_and_gets_what_and_then_how_to_say_no(code: str) -> None:
    text = said(code)
    until = dates.until(END, "UTC", language(code))
    places = [
        text.index(each)
        for each in (
            language(code).listed(["Teams", "Exchange Online"]),
            "Claiming Partner of Record",
            SEES[code],
            MAY_EARN[code],
            VENDOR.in_full,
            IF_YOU_AGREE[code],
            SILENCE[code],
            until,
            "https://answer.example/s3cr3t",
            "no-thanks@cpor.example",
            "Ada Berg",
        )
    ]
    assert all(one < other for one, other in pairwise(places))


@each_language
def test_it_is_the_partner_who_says_that_it_helped(code: str) -> None:
    assert SAYS_SO[code] in subject(code)


@each_language
def test_a_claim_for_recognition_says_that_it_earns_no_money(code: str) -> None:
    text = said(code, notice("consent", "contact", activity="revenue-association"))
    assert EARNS_NOTHING[code] in text
    assert MAY_EARN[code] not in text


@each_language
@pytest.mark.parametrize("address", [None, "South County Business Park, Dublin"])
def test_the_customer_reads_who_we_are(address: str | None, code: str) -> None:
    vendor = replace(VENDOR, address=address)
    text = said(code, vendor=vendor)
    assert text.count(vendor.in_full) >= 2
    assert "None" not in text


@each_language
@pytest.mark.parametrize("kind", ["declined", "withdrawn", "disassociated"])
def test_every_other_mail_to_customers_names_us_as_well(kind: str, code: str) -> None:
    for sample in SAMPLES:
        if sample.kind == kind and sample.recipient == "contact":
            assert sample.links.vendor.in_full in " ".join(sample.letter(code).text.split())


@each_language
@pytest.mark.parametrize("page", [None, PAGE])
@pytest.mark.parametrize("phone", [None, PHONE])
def test_the_mail_can_be_checked_without_the_partner(
    phone: str | None, page: str | None, code: str
) -> None:
    vendor = replace(VENDOR, check_url=page, check_phone=phone)
    links = replace(WITH_PAGE, vendor=vendor)
    letter = letters.written_in(code, notice("consent", "contact"), links, END)
    text = " ".join(letter.text.split())
    for where in filter(None, (page, phone)):
        assert where in text
    assert (WITHOUT_THE_PARTNER[code] in text) == bool(page or phone)
    assert (LOOK_IT_UP[code] in text) == (not page and not phone)
    assert text.count(CLAIM) >= 2
    assert (f'<a href="{PAGE}">{PAGE}</a>' in letter.html) == bool(page)


@each_language
@pytest.mark.parametrize(
    ("names", "few"),
    [
        (["Teams"], dict.fromkeys(("en", "de", "nl", "sv", "tr"), "Teams")),
        (
            ["Teams", "Intune"],
            {
                "en": "with Teams and Intune:",
                "de": "bei Teams und Intune geholfen",
                "nl": "met Teams en Intune:",
                "sv": "med Teams och Intune:",
                "tr": "Teams ve Intune konusunda",
            },
        ),
        (
            ["Teams", "Intune", "Viva Engage"],
            {
                "en": "with 3 products:",
                "de": "bei 3 Produkten geholfen",
                "nl": "met 3 producten:",
                "sv": "med 3 produkter:",
                "tr": "3 ürün konusunda",
            },
        ),
    ],
    ids=["one product", "two products", "three products"],
)
def test_numbers_of_products_have_the_case_of_their_sentence(
    names: list[str], few: Mapping[str, str], code: str
) -> None:
    products = [{"name": name, "subscription_id": None} for name in names]
    assert few[code] in subject(code, products=products)


THESE = {
    "en": ("this product", "these products"),
    "de": ("dieses produkt", "diese produkte"),
    "nl": ("dit product", "deze producten"),
    "sv": ("den här produkten", "de här produkterna"),
    "tr": ("bu ürün ", "bu ürünler "),
}


@each_language
@pytest.mark.parametrize("kind", ["consent", "declined", "withdrawn", "disassociated"])
def test_one_product_is_not_spoken_of_as_many(kind: Told, code: str) -> None:
    one, many = THESE[code]
    product = [{"name": "Teams", "subscription_id": None}]
    to: tuple[Recipient, ...] = ("contact", "partner")
    for recipient in to:
        single = said(code, notice(kind, recipient, products=product)).casefold()
        several = said(code, notice(kind, recipient)).casefold()
        assert many not in single
        assert (one in single) == (many in several)
