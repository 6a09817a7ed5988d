"""Options of `request-info` and `reject`, as requests and reasons of a message."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def reason(text: str) -> Mapping[str, Any]:
    """REASON[:PRODUCT[@SUBSCRIPTION]][=NOTE]"""
    ground, _, note = text.partition("=")
    code, _, product = ground.partition(":")
    return _non_empty({"reason": code.strip(), **product_fields(product), "note": note})


def removal(text: str) -> Mapping[str, Any]:
    """PRODUCT[@SUBSCRIPTION][=NOTE]: the partner must prove the product or remove it."""
    return {**reason(f"missing_products:{text}"), "remove": True}


def product_fields(product: str) -> Mapping[str, Any]:
    """PRODUCT[@SUBSCRIPTION]"""
    name, _, subscription = product.partition("@")
    return _non_empty({"product": name.strip(), "subscription_id": subscription.strip()})


def _non_empty(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: value for name, value in fields.items() if value}
