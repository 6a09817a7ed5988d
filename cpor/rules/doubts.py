"""Doubts about an approved claim, which a reviewer answers: the association ends, or is kept.

Who doubts does not end the claim by that: a customer whose time to say no is over, somebody whom
the partner named before and no longer names, the vendor's directory.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel

from cpor.rules.contacts import CustomersContact
from cpor.rules.facts import Instant

if TYPE_CHECKING:
    from cpor.rules.state import State

DoubtKind = Literal["late_no", "older_link", "directory", "proof"]
OF_THE_CUSTOMER: tuple[DoubtKind, ...] = ("late_no", "older_link")


class Doubt(BaseModel):
    """What speaks against an approved claim, and what a reviewer answered."""

    kind: DoubtKind
    """A customer's no after the time for it, or by the link of an older notice; or a no of the
    vendor's directory; or proof that turned out missing or changed."""
    at: Instant
    """When the claim learned of it."""
    contact: CustomersContact | None = None
    """Which contact of the customer said no."""
    notice_id: str | None = None
    """By the link of which notice."""
    note: str | None = None
    """In whose words it came."""
    answer: Literal["kept", "ended"] | None = None
    """Null while a reviewer has to answer."""
    reason: str | None = None
    """The reviewer's, which the customer may read."""
    answered_at: Instant | None = None
    """When the reviewer answered."""


def open_doubts(claim: State) -> list[Doubt]:
    return [doubt for doubt in claim.doubts if doubt.answer is None]


def is_objected(claim: State) -> bool:
    """Somebody at the customer said no, and no reviewer has answered."""
    return any(doubt.kind in OF_THE_CUSTOMER for doubt in open_doubts(claim))


def is_by_older_links(claim: State) -> bool:
    """Whoever said no need not be a contact any more."""
    noes = {doubt.kind for doubt in open_doubts(claim)} & set(OF_THE_CUSTOMER)
    return noes == {"older_link"}


def stops_the_clock(claim: State) -> bool:
    """Nobody is bound by silence while a reviewer has to look at a no."""
    return any(doubt.kind == "older_link" for doubt in open_doubts(claim))


def objections(claim: State) -> Mapping[str, Any]:
    """What mails say of those of the customer."""
    listed = [
        {
            "contact": doubt.contact,
            "at": doubt.at,
            "note": doubt.note,
            "by_older_link": doubt.kind == "older_link",
        }
        for doubt in open_doubts(claim)
        if doubt.kind in OF_THE_CUSTOMER
    ]
    return {"objections": listed, "stands_still": claim.consent_is_open}


def others(claim: State) -> Mapping[str, Any]:
    """What mails say of those of the directory and of the store."""
    return {
        "doubts": [
            {"kind": doubt.kind, "note": doubt.note}
            for doubt in open_doubts(claim)
            if doubt.kind not in OF_THE_CUSTOMER
        ]
    }
