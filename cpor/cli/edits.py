"""Options of `edit`, `FIELD=VALUE`, as the changes of the message."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

from cpor.cli import short_reasons
from cpor.client.errors import MessageRefused
from cpor.rules.views import ClaimView

WHOLE = ("mpn_id", "name", "program", "activity")
PEOPLE = ("customer_contact", "technical_contact", "partner_contact")
COMPANIES = ("partner", "customer")


async def changes(
    assignments: Sequence[str],
    products: Sequence[str] | None,
    ask: Callable[[], Awaitable[ClaimView]],
) -> Mapping[str, Any]:
    """The field `changes` of the message. Fields of a contact that are not named stay as they are.

    Only then the claim is queried, so that other changes can be sent while no worker runs.
    """
    wanted = [_Assignment.read(each) for each in assignments]
    parts = [each for each in wanted if each.part]
    found: dict[str, Any] = {each.field: each.value for each in wanted if not each.part}
    for each in parts:
        if each.field in found:
            raise MessageRefused("invalid", f"--set {each.text}: {each.field} is set whole as well")
    if parts:
        known = await ask()
        for each in parts:
            whole = found.setdefault(each.field, _current(known, each.field))
            whole[each.part] = each.value
    if products is not None:
        found["products"] = [_product(each) for each in products]
    return found


@dataclass(frozen=True)
class _Assignment:
    text: str
    field: str
    part: str
    value: str | None

    @classmethod
    def read(cls, text: str) -> Self:
        path, equals, value = text.partition("=")
        field, dot, part = path.strip().partition(".")
        fields = (*PEOPLE, *COMPANIES) if dot else (*WHOLE, *PEOPLE, *COMPANIES)
        if not equals or field not in fields or "." in part or (dot and not part):
            raise MessageRefused("invalid", f"--set {text}: {HOW}")
        return cls(text, field, part, value or None)


HOW = (
    f"must be FIELD=VALUE, with {', '.join(WHOLE)}, or a part of "
    f"{', '.join(PEOPLE)}, partner or customer such as customer_contact.email"
)


def _current(known: ClaimView, field: str) -> dict[str, Any]:
    customer = known.customer
    whole = {
        "customer_contact": customer.contact,
        "technical_contact": customer.technical_contact,
        "partner_contact": known.partner.contact,
        "partner": known.partner,
        "customer": customer,
    }[field]
    return whole.model_dump(mode="json", exclude_none=True) if whole else {}


def _product(text: str) -> Mapping[str, Any]:
    product = dict(short_reasons.product_fields(text))
    return {"name": product.pop("product", ""), **product}
