"""The search attributes: one registry for writing and for registering them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any, cast

from temporalio.common import (
    SearchAttributeKey,
    SearchAttributePair,
    SearchAttributeUpdate,
    TypedSearchAttributes,
)

from cpor.rules.doubts import open_doubts
from cpor.rules.state import State

STATUS = SearchAttributeKey.for_keyword("ClaimStatus")
WAITING_FOR = SearchAttributeKey.for_keyword("ClaimWaitingFor")
DEADLINE = SearchAttributeKey.for_datetime("ClaimDeadline")
OVERDUE = SearchAttributeKey.for_bool("ClaimOverdue")
OWES = SearchAttributeKey.for_bool("ClaimOwes")
CONTESTED = SearchAttributeKey.for_bool("ClaimContested")
PROGRAM = SearchAttributeKey.for_keyword("ClaimProgram")
PARTNER = SearchAttributeKey.for_keyword("ClaimPartner")
CUSTOMER = SearchAttributeKey.for_keyword("ClaimCustomer")
REVIEWER = SearchAttributeKey.for_keyword("ClaimReviewer")
PRODUCTS = SearchAttributeKey.for_keyword_list("ClaimProducts")

ALL: tuple[SearchAttributeKey[Any], ...] = (
    STATUS,
    WAITING_FOR,
    DEADLINE,
    OVERDUE,
    OWES,
    CONTESTED,
    PROGRAM,
    PARTNER,
    CUSTOMER,
    REVIEWER,
    PRODUCTS,
)

MOST_LIST_BYTES = 1500
"""Temporal terminates a workflow whose keyword list is longer."""


def of(claim: State) -> TypedSearchAttributes:
    pairs: list[SearchAttributePair[Any]] = [
        SearchAttributePair(STATUS, claim.status.value),
        SearchAttributePair(WAITING_FOR, claim.waiting_for),
        SearchAttributePair(OVERDUE, claim.is_overdue),
        SearchAttributePair(OWES, claim.owes_late),
        SearchAttributePair(PROGRAM, claim.program),
        SearchAttributePair(PARTNER, claim.partner.mpn_id),
        SearchAttributePair(CUSTOMER, claim.customer.tenant_id),
        SearchAttributePair(PRODUCTS, list(_codes(claim))),
    ]
    # Where no clock is left that could be missed, since when somebody should have acted: so it
    # sorts first.
    if due := claim.deadline or claim.late_since or _doubted_since(claim):
        pairs.append(SearchAttributePair(DEADLINE, due))
    if claim.items.rivals:
        pairs.append(SearchAttributePair(CONTESTED, True))
    if claim.reviewer is not None:
        pairs.append(SearchAttributePair(REVIEWER, claim.reviewer))
    return TypedSearchAttributes(pairs)


def _doubted_since(claim: State) -> datetime | None:
    doubts = open_doubts(claim) if claim.waiting_for == "reviewer" else []
    return min((doubt.at for doubt in doubts), default=None)


def changes(
    before: TypedSearchAttributes, after: TypedSearchAttributes
) -> list[SearchAttributeUpdate[Any]]:
    """The updates that turn `before` into `after`."""
    written, wanted = by_name(before), by_name(after)
    return [
        key.value_set(wanted[key.name]) if key.name in wanted else key.value_unset()
        for key in ALL
        if wanted.get(key.name) != written.get(key.name)
    ]


def by_name(attributes: TypedSearchAttributes) -> dict[str, Any]:
    pairs = cast("Iterable[SearchAttributePair[Any]]", attributes)
    return {pair.key.name: pair.value for pair in pairs}


def _codes(claim: State) -> Iterator[str]:
    room = MOST_LIST_BYTES
    for code in dict.fromkeys(product.code for product in claim.products):
        room -= len(code)
        if room < 0:
            return
        yield code
