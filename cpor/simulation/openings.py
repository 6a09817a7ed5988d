"""Claims that partners might make: right in everything, of any program and many countries."""

from __future__ import annotations

from random import Random
from typing import Any
from uuid import UUID

COUNTRIES = ("DE", "SE", "US", "SA", "IL", "IN", "JP", "GB", "NL", "TR")
"""Weekends of Friday and Saturday among them, and zones on both sides of the ocean."""
PROGRAMS = (
    ("osu-m365", "usage"),
    ("osu-m365", "usage"),
    ("osu-business-applications", "usage"),
    ("osa-sell", "presales"),
    ("osa-sell", "revenue-association"),
)
WORKLOADS = ("Teams", "Exchange Online", "SharePoint Online", "Intune")
DOMAIN = "contoso.example"
OUTSIDE = "elsewhere.example"


def opening(
    dice: Random, claim_id: str, submit: bool, edition: str | None, tenant_id: str
) -> dict[str, Any]:
    program, activity = dice.choice(PROGRAMS)
    is_m365 = program == "osu-m365"
    technical = None if is_m365 else contact("tove", DOMAIN)
    return {
        "claim_id": claim_id,
        "name": "A roll-out",
        "program": program,
        "activity": activity,
        "partner": {
            "mpn_id": f"49{dice.randrange(100_000):05}",
            "name": "Fabrikam",
            "country": dice.choice(COUNTRIES),
            "contact": contact("ada", "fabrikam.example"),
        },
        "customer": {
            "name": "Contoso",
            "tenant_id": tenant_id,
            "domain": DOMAIN,
            "country": dice.choice(COUNTRIES),
            "contact": contact("lars", OUTSIDE if dice.random() < 0.05 else DOMAIN),
            "technical_contact": technical,
        },
        "products": _workloads(dice) if is_m365 else [_subscription(dice)],
        "evidence": [proof(dice)],
        "submit": submit,
        "edition": edition,
        "by": {"role": "partner", "id": "ada", "partner_role": "incentives_admin"},
    }


def _workloads(dice: Random) -> list[dict[str, str]]:
    return [{"name": name} for name in dice.sample(WORKLOADS, dice.randint(1, 3))]


def _subscription(dice: Random) -> dict[str, str]:
    named = str(UUID(int=dice.getrandbits(128)))
    return {"name": "Dynamics 365 Sales", "subscription_id": named}


def contact(name: str, domain: str) -> dict[str, str]:
    return {"name": name.title(), "email": f"{name}@{domain}"}


def proof(dice: Random) -> dict[str, Any]:
    sha256 = f"{dice.getrandbits(256):064x}"
    return {"sha256": sha256, "name": "sow.pdf", "media_type": "application/pdf", "size": 4096}
