"""Claims to try things with."""

from __future__ import annotations

import hashlib
from base64 import b64decode
from collections.abc import Mapping
from typing import Any

PNG = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR4nGPgDl8CAAF3AQdYs9s7AAAAAElFTkSuQmCC"
)
"""One blue dot."""
PROOF = b"%PDF-1.7 a statement of work, signed by both sides"
PROOF_SHA256 = hashlib.sha256(PROOF).hexdigest()

PARTNER = {"role": "partner", "id": "ada"}
REVIEWER = {"role": "reviewer", "id": "kim"}
CUSTOMER = {"role": "customer", "id": "contact"}
OPERATOR = {"role": "operator", "id": "olga"}
SYSTEM = {"role": "system", "id": "incentives"}


def opening(claim_id: str = "CPOR-7Q2M4X", **changes: Any) -> dict[str, Any]:
    """A claim that is right in everything; `changes` replace top-level fields."""
    return {
        "claim_id": claim_id,
        "name": "Teams roll-out at Contoso",
        "program": "osu-m365",
        "activity": "usage",
        "partner": {
            "mpn_id": "4912345",
            "name": "Fabrikam",
            "country": "DE",
            "contact": {"name": "Ada Berg", "email": "ada@fabrikam.example", "language": "de"},
        },
        "customer": {
            "name": "Contoso",
            "tenant_id": "5f1c6d3e-8c0b-4f3c-9d2a-0b8f6f1f7a11",
            "domain": "contoso.example",
            "country": "SE",
            "contact": {
                "name": "Lars Ek",
                "title": "CIO",
                "email": "lars@contoso.example",
                "language": "sv",
            },
            "technical_contact": None,
        },
        "products": [{"name": "Teams"}, {"name": "exchange-online"}],
        "evidence": [proof()],
        "comment": None,
        "submit": True,
        "by": {**PARTNER, "partner_role": "incentives_admin"},
        **changes,
    }


def dynamics_opening(claim_id: str = "CPOR-D365", **changes: Any) -> dict[str, Any]:
    """A Business Applications claim: subscriptions, and a technical contact who is told too."""
    customer = {
        **opening()["customer"],
        "technical_contact": {"name": "Tove Lind", "email": "tove@contoso.example"},
    }
    product = {
        "name": "Dynamics 365 Sales",
        "subscription_id": "0d3f7a52-6a4e-4a8e-9f52-1f0f3a5f7c01",
    }
    more = {
        "program": "osu-business-applications",
        "customer": customer,
        "products": [product],
    }
    return opening(claim_id, **{**more, **changes})


def proof(content: bytes = PROOF, name: str = "sow.pdf") -> dict[str, Any]:
    return {
        "sha256": hashlib.sha256(content).hexdigest(),
        "name": name,
        "media_type": "application/pdf",
        "size": len(content),
    }


def without(data: Mapping[str, Any], *fields: str) -> dict[str, Any]:
    return {name: value for name, value in data.items() if name not in fields}
