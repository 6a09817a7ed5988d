"""Why more is asked, and why a claim is rejected: a code, and which product it is about."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import model_validator

from cpor.rules.facts import Fact, Guid, Line, Text

RequestReason = Literal[
    "missing_all_poe",
    "missing_customer_acknowledgement",
    "missing_or_old_dates",
    "missing_partner_service",
    "missing_products",
    "other",
]
RejectReason = Literal[
    "insufficient_poe",
    "missing_customer_consent",
    "missing_products",
    "poe_unavailable",
    "duplicate_claim",
    "other",
]


class _Why(Fact):
    """A code, and which product it is about."""

    product: Line | None = None
    """Which product it is about; needed for `missing_products`."""
    subscription_id: Guid | None = None
    note: Text | None = None
    """In words; needed for `other`."""

    def check(self, reason: str) -> None:
        if reason == "other" and self.note is None:
            raise ValueError("the reason 'other' needs a note")
        if reason == "missing_products" and self.product is None:
            raise ValueError("the reason 'missing_products' needs the product it is about")
        if self.subscription_id is not None and self.product is None:
            raise ValueError("a subscription needs its product beside it")


class Request(_Why):
    """What the partner is asked for."""

    reason: RequestReason
    remove: bool = False
    """Or to drop that product."""

    @model_validator(mode="after")
    def _says_which(self) -> Self:
        self.check(self.reason)
        if self.remove and self.product is None:
            raise ValueError("'remove' needs the product to be dropped")
        return self


class Reason(_Why):
    """Why a claim is rejected."""

    reason: RejectReason

    @model_validator(mode="after")
    def _says_which(self) -> Self:
        self.check(self.reason)
        return self
