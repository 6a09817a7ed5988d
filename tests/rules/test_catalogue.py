"""What may be claimed, and by which names."""

from __future__ import annotations

import pytest

from cpor.rules import catalogue
from cpor.rules.errors import Invalid
from cpor.rules.facts import Opening
from tests.examples import dynamics_opening, opening


def said_about(name: str, *, dynamics: bool = False) -> str:
    data = dynamics_opening() if dynamics else opening()
    data["products"] = [{"name": name}]
    with pytest.raises(Invalid) as refused:
        Opening.read(data)
    (problem,) = refused.value.problems
    assert problem.field == "products.0.name"
    return problem.text


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Teams", "teams"),
        ("TEAMS", "teams"),
        ("teams-phone", "teams-phone"),
        (" Exchange  Online ", "exchange-online"),
        ("Microsoft 365 Apps", "microsoft-365-apps"),
        ("ProPlus", "microsoft-365-apps"),
        ("Yammer", "viva-engage"),
        ("Microsoft Intune", "intune"),
        ("Azure AD Premium", "entra-id-premium"),
        ("Azure Information Protection", "purview-information-protection"),
        ("Sales", "sales"),
        ("Dynamics 365 Sales", "sales"),
        ("dynamics-365-field-service", "field-service"),
        ("Copilot Studio", "power-virtual-agents"),
        ("Dynamics 365 Copilot Studio", "power-virtual-agents"),
        ("Power Virtual Agents (Copilot Studio)", "power-virtual-agents"),
    ],
)
def test_a_product_is_known_by_name_code_and_former_name(name: str, code: str) -> None:
    assert catalogue.get(name).code == code


@pytest.mark.parametrize("name", ["", "Dynamics 365", "Dynamics 365 Teams", "Office", "Teams 2"])
def test_other_names_are_not_known(name: str) -> None:
    assert catalogue.find(name) is None


M365 = """Exchange Online, SharePoint Online, Microsoft 365 Apps, Teams, Teams Meetings,
Teams Phone, Teams Platform, Viva Engage, Intune, Entra ID Premium, Defender for Office 365,
Defender for Endpoint, Defender for Identity, Purview Information Protection"""
BUSINESS = """Business Central, Finance, Supply Chain Management, Commerce, Human Resources, Sales,
Customer Service, Field Service, Marketing, Customer Insights, Project Operations, Power Apps,
Power Automate, Power BI, Power Pages, Power Virtual Agents"""


@pytest.mark.parametrize(
    ("program", "listed"),
    [("osu-m365", M365), ("osa-sell", BUSINESS), ("osu-business-applications", BUSINESS)],
)
def test_each_program_takes_one_family(program: str, listed: str) -> None:
    for name in " ".join(listed.split()).split(", "):
        entry = catalogue.get(name)
        assert (entry.name, entry.code) == (name, name.lower().replace(" ", "-"))
        assert entry.family == catalogue.family_of(program)


def test_a_misspelt_product_is_offered_the_nearest_names() -> None:
    assert said_about("Temas").startswith("'Temas' is not in the product catalogue; nearest: Teams")
    assert "nearest: Customer Service" in said_about("Costumer Service", dynamics=True)


def test_nothing_is_offered_where_nothing_is_near() -> None:
    assert said_about("qqqqqq") == "'qqqqqq' is not in the product catalogue"


def test_a_product_of_the_other_family_is_refused_with_the_program() -> None:
    assert said_about("Sales") == "Sales cannot be claimed under osu-m365"
    assert said_about("Teams", dynamics=True) == (
        "Teams cannot be claimed under osu-business-applications"
    )
