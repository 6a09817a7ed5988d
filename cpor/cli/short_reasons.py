"""What reviewers ask or reject for, in the short form of the command line."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def reason(text: str) -> Mapping[str, Any]:
    """REASON[:PRODUCT[@SUBSCRIPTION]][=NOTE]"""
    ground, _, note = text.partition("=")
    code, _, product = ground.partition(":")
    return _said({"reason": code.strip(), **named(product), "note": note})


def removal(text: str) -> Mapping[str, Any]:
    """PRODUCT[@SUBSCRIPTION][=NOTE]: the partner proves it, or drops it."""
    return {**reason(f"missing_products:{text}"), "remove": True}


def named(product: str) -> Mapping[str, Any]:
    """PRODUCT[@SUBSCRIPTION]"""
    name, _, subscription = product.partition("@")
    return _said({"product": name.strip(), "subscription_id": subscription.strip()})


def _said(fields: Mapping[str, Any]) -> Mapping[str, Any]:
    return {name: value for name, value in fields.items() if value}
