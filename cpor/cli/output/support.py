"""The six facts that a support request about a claim must carry."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from cpor import languages
from cpor.rules import catalogue
from cpor.rules.facts import Product
from cpor.rules.history import Ground
from cpor.rules.views import ClaimView


def facts(known: ClaimView, details: str | None = None) -> Mapping[str, Any]:
    """For programs; the reviewers of a dispute get them under the same names."""
    return {
        "mpn_id": known.partner.mpn_id,
        "program": known.program,
        "claim_id": known.claim_id,
        "products": [
            product.model_dump(include={"name", "subscription_id"}) for product in known.products
        ],
        "tenant_id": known.customer.tenant_id,
        "details": details or _justification(known) or _status(known),
    }


def text(known: ClaimView, details: str | None = None) -> str:
    """Made to be pasted into a form; the details come last, for they may have several lines."""
    carried = facts(known, details)
    program = languages.vendor_words()["programs"][known.program]  # as the mails call it
    has_workloads = catalogue.family_of(known.program) == "m365"
    lines = {
        "MPN ID": carried["mpn_id"],
        "Program": f"{program} ({known.program})",
        "Claim ID": carried["claim_id"],
        "Workloads" if has_workloads else "Products": "; ".join(map(_product, known.products)),
        "Tenant ID": carried["tenant_id"],
        "Details": carried["details"],
    }
    return "\n".join(f"{name}: {value}" for name, value in lines.items())


def _product(product: Product) -> str:
    if product.subscription_id is None:
        return product.name
    return f"{product.name}, subscription {product.subscription_id}"


def _justification(known: ClaimView) -> str | None:
    if known.dispute is None or known.dispute.decided:
        return None
    return known.dispute.justification


def _status(known: ClaimView) -> str:
    """The details if none are given: the status of the claim and its reasons."""
    said = [f"The claim's status is {known.status.value}"]
    if known.consent != "none":
        said.append(f"the customer's consent: {known.consent}")
    if known.eligibility != "none":
        said.append(f"eligibility: {known.eligibility.replace('_', ' ')}")
    said += [f"asked for: {_ground(each)}" for each in known.requests]
    said += [f"rejected for: {_ground(each)}" for each in known.reasons]
    return "; ".join(said).rstrip(".") + "."


def _ground(ground: Ground) -> str:
    reason = ground.reason.replace("_", " ")
    about = f" ({ground.product})" if ground.product else ""
    note = f", {ground.note}" if ground.note else ""
    return f"{reason}{about}{note}"
