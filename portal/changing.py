"""An edit in the short form of the command line: single fields, put into what the claim says."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from claims.views import ClaimView
from portal import grounds
from portal.errors import MessageRefused

WHOLE = ("mpn_id", "name", "program", "activity")
PEOPLE = ("customer_contact", "technical_contact", "partner_contact")


def changes(
    known: ClaimView, assignments: Sequence[str], products: Sequence[str] | None
) -> Mapping[str, Any]:
    """The field `changes` of the message. Within a contact, what is not named stays as it is."""
    found: dict[str, Any] = {}
    for assignment in assignments:
        path, equals, value = assignment.partition("=")
        field, _, part = path.strip().partition(".")
        if not equals or field not in (*WHOLE, *PEOPLE, "customer") or part.count("."):
            raise MessageRefused("invalid", f"--set {assignment}: {HOW}")
        if not part:
            found[field] = value or None
            continue
        if field in WHOLE:
            raise MessageRefused("invalid", f"--set {assignment}: {HOW}")
        whole = found.setdefault(field, _as_it_is(known, field))
        whole[part] = value or None
    if products is not None:
        found["products"] = [_product(each) for each in products]
    return found


HOW = (
    f"must be FIELD=VALUE, with {', '.join(WHOLE)}, or a part of {', '.join(PEOPLE)} or customer "
    "such as customer_contact.email"
)


def _as_it_is(known: ClaimView, field: str) -> dict[str, Any]:
    customer = known.customer
    whole = {
        "customer_contact": customer.contact,
        "technical_contact": customer.technical_contact,
        "partner_contact": known.partner.contact,
        "customer": customer,
    }[field]
    return whole.model_dump(mode="json", exclude_none=True) if whole else {}


def _product(text: str) -> Mapping[str, Any]:
    product = dict(grounds.named(text))
    return {"name": product.pop("product", ""), **product}
