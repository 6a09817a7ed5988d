"""What only one claim can hold: a workload of a tenant, or a subscription of it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Annotated

from cpor.rules.facts import Product
from cpor.rules.shapes import Check

_SHAPE = re.compile(
    r"workload:[a-z0-9-]{1,64}|subscription:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
)


def _item(value: str) -> str:
    if not _SHAPE.fullmatch(value):
        raise ValueError("must be workload: and a product's code, or subscription: and a GUID")
    return value


Item = Annotated[str, Check(_item)]


def items_of(products: Iterable[Product]) -> list[str]:
    """Each once: several products of one subscription are one item."""
    return sorted({item_of(product) for product in products})


def item_of(product: Product) -> str:
    if product.subscription_id is not None:
        return f"subscription:{product.subscription_id}"
    return f"workload:{product.code}"
