"""Names in proof: products of the catalogue and companies."""

from __future__ import annotations

import pytest

from cpor.evidence.names import FOUND, find_name, find_products, find_value


def products(text: str) -> set[str]:
    """Those that are surely named."""
    return {code for code, named in find_products(text).items() if named.score >= FOUND}


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("Microsoft Teams and Exchange Online", {"teams", "exchange-online"}),
        ("EXCHANGE  ONLINE", {"exchange-online"}),
        ("Yammer, now Viva Engage", {"viva-engage"}),
        ("Azure AD Premium", {"entra-id-premium"}),
        ("Dynamics 365 Sales", {"sales"}),
        (
            "Dynamics 365 Sales, Customer Service and Field Service",
            {"sales", "customer-service", "field-service"},
        ),
        ("Copilot Studio", {"power-virtual-agents"}),
    ],
)
def test_a_product_is_found_by_any_of_its_names(text: str, named: set[str]) -> None:
    assert products(text) == named


@pytest.mark.parametrize("text", ["our sales team", "Die Teams waren gut", "marketing and finance"])
def test_an_ordinary_word_is_no_product_for_sure(text: str) -> None:
    assert products(text) == set()
    assert find_products(text)


def test_a_longer_name_does_not_stand_for_the_shorter_in_it() -> None:
    assert set(find_products("We set up Teams Phone.")) == {"teams-phone"}
    assert set(find_products("Defender for Endpoint")) == {"defender-for-endpoint"}


@pytest.mark.parametrize("text", ["Exchange Onlin", "SharePiont Online", "Microsft 365 Apps"])
def test_a_slip_of_the_pen_is_the_same_product_with_its_score(text: str) -> None:
    ((_, named),) = find_products(text).items()
    assert 84 <= named.score < 100


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Fabrikam GmbH", "done by Fabrikam"),
        ("Contoso Ltd.", "for CONTOSO, Limited"),
        ("Adventure Works", "Adventure-Works"),
        ("Müller & Söhne GmbH", "von Müller & Söhne"),
    ],
)
def test_a_company_is_found_without_its_legal_form(name: str, text: str) -> None:
    found = find_name(name, text)
    assert found is not None
    assert found.score == 100


def test_a_company_that_is_nearly_written_so_has_a_lower_score() -> None:
    found = find_name("Contoso", "for Contosso AG")
    assert found is not None
    assert found.score < 100
    assert find_name("Contoso", "for Fabrikam AG") is None


def test_a_number_is_found_only_whole() -> None:
    assert find_value("4912345", "MPN 4912345.")
    assert find_value("4912345", "MPN 14912345") is None
