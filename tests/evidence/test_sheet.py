"""The sheet about a claim's proof: what was found, where, and what is missing."""

from __future__ import annotations

from datetime import date

import pytest

from cpor.evidence.reader import read
from cpor.evidence.sheet import Claimed, Line, ReadFile, Sheet, write
from cpor.rules.facts import Product
from tests.evidence import documents

TENANT = "5f1c6d3e-8c0b-4f3c-9d2a-0b8f6f1f7a11"
SUBSCRIPTION = "0b8f6f1f-7a11-4f3c-9d2a-5f1c6d3e8c0b"
TEAMS = Product(code="teams", name="Teams")
INTUNE = Product(code="intune", name="Intune")
SALES = Product(code="sales", name="Sales", subscription_id=SUBSCRIPTION)
WHOLE = f"""Statement of work
Fabrikam (MPN 4912345) deployed Microsoft Teams for Contoso,
domain cts.example, tenant {TENANT}.
We confirm that the work was done.
Signed by Lars Larsen on 2 March 2026."""


def claimed(*products: Product, submitted: date = date(2026, 3, 10)) -> Claimed:
    return Claimed(
        partner="Fabrikam GmbH",
        mpn_id="4912345",
        customer="Contoso Ltd",
        domain="cts.example",
        tenant_id=TENANT,
        products=products or [TEAMS],
        submitted=submitted,
    )


def file(content: bytes, name: str = "sow.pdf") -> ReadFile:
    return ReadFile(sha256="a" * 64, name=name, reading=read(content, name))


def sheet(text: str, *products: Product) -> Sheet:
    return write(claimed(*products), [file(documents.pdf(text))])


def line(of: Sheet, topic: str) -> Line:
    (found,) = (line for line in of.lines if line.topic == topic)
    return found


def test_proof_that_has_everything_has_no_gaps() -> None:
    whole = sheet(WHOLE)
    assert whole.gaps == []
    assert whole.is_complete
    assert whole.newest == date(2026, 3, 2)


def test_each_missing_product_is_a_line_with_its_reason() -> None:
    gaps = sheet(WHOLE, TEAMS, INTUNE).gaps
    assert [(each.product, each.reason) for each in gaps] == [("Intune", "missing_products")]


def test_a_subscription_is_looked_for_beside_its_product() -> None:
    text = f"Dynamics 365 Sales, subscription {SUBSCRIPTION.upper()}"
    assert line(sheet(text, SALES), "subscription").result == "found"
    gap = line(sheet("Dynamics 365 Sales", SALES), "subscription")
    assert (gap.result, gap.subscription_id) == ("not found", SUBSCRIPTION)


@pytest.mark.parametrize(
    ("topic", "without", "reason"),
    [
        ("partner", "Fabrikam", "missing_partner_service"),
        ("mpn_id", "4912345", None),
        ("customer", "Contoso", "missing_customer_acknowledgement"),
        ("domain", "cts.example", None),
        ("tenant_id", TENANT, None),
        ("dates", "2 March 2026", "missing_or_old_dates"),
    ],
)
def test_what_is_not_there_is_said_with_the_reason_it_would_be_asked_for_with(
    topic: str, without: str, reason: str | None
) -> None:
    text = WHOLE.replace(without, "…").replace(
        "contoso.example" if topic == "customer" else "§", ""
    )
    gap = line(sheet(text), topic)
    assert (gap.result, gap.reason) == ("not found", reason)


def test_a_date_of_more_than_a_year_ago_is_too_old_and_named() -> None:
    gap = line(sheet(WHOLE.replace("2026", "2024")), "dates")
    assert (gap.result, gap.note) == ("not found", "the newest is 2024-03-02")


def test_a_date_that_can_be_read_two_ways_is_unclear_where_only_one_fits() -> None:
    gap = line(sheet(WHOLE.replace("2 March 2026", "03/04/2026")), "dates")
    assert (gap.result, gap.note) == ("unclear", "2026-04-03 or 2026-03-04")


def test_a_date_after_the_submission_does_not_count() -> None:
    assert line(sheet(WHOLE.replace("2 March", "2 June")), "dates").result == "not found"


def test_words_that_acknowledge_without_any_that_sign_are_unclear() -> None:
    gap = line(sheet(WHOLE.replace("Signed", "Written")), "acknowledgement")
    assert (gap.result, gap.note) == ("unclear", "a word that signs was not found")


@pytest.mark.parametrize(
    "text",
    [
        "Wir bestätigen die Leistungen. Unterschrift: Lars",
        "Wij bevestigen de uitrol. Handtekening: Lars",
        "Vi bekräftar införandet. Underskrift: Lars",
        "Hizmeti onaylıyoruz. İmza: Lars",
    ],
)
def test_acknowledgement_and_services_are_found_in_each_language(text: str) -> None:
    found = write(claimed(), [file(text.encode(), "ok.txt")])
    assert line(found, "acknowledgement").result == "found"
    assert line(found, "services").result == "found"


def test_what_was_found_is_quoted_shortly_with_its_place() -> None:
    (quote,) = line(sheet("x " * 300 + "Microsoft Teams" + " y" * 300), "product").quotes
    assert (quote.file, quote.place) == ("sow.pdf", "page 1")
    assert "Microsoft Teams" in quote.text
    assert len(quote.text) <= 200


def test_beside_a_scan_nothing_is_said_to_be_missing() -> None:
    scan = file(documents.picture(), "scan.png")
    found = write(claimed(), [scan])
    assert {each.result for each in found.lines} == {"unclear"}
    assert found.files[0].findings == ["a picture: read it yourself"]


def test_a_refused_file_is_no_proof_of_anything() -> None:
    bomb = documents.with_part(documents.word(WHOLE), "word/a.xml", b"<a>" + b"0" * 30_000_000)
    found = write(claimed(), [file(bomb, "sow.docx")])
    assert line(found, "product").result == "not found"
    assert found.files[0].verdict == "refused"
    assert not found.is_complete


def test_without_files_everything_is_missing() -> None:
    found = write(claimed(), [])
    assert {each.result for each in found.lines} == {"not found"}
