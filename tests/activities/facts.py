"""Facts of notices as a claim would tell them, full and as few as there may be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, get_args

from claims.deadlines import Calendar, Window
from claims.effects import Address, Notice, Promise, Recipient
from claims.lifecycle import Told

BEGAN = datetime(2026, 11, 20, 9, 14, 22, tzinfo=UTC)
CLAIM = "CPOR-7Q2M4X"
TENANT = "5f1c6d3e-8c0b-4f3c-9d2a-0b8f6f1f7a11"
SUBSCRIPTION = "0a1b2c3d-1111-4222-8333-444455556666"
WEEK = Promise(window=Window(amount=7, unit="days", side="customer"), calendar=Calendar())

KINDS: tuple[Told, ...] = tuple(kind for kind in get_args(Told) if kind != "hand_off")
RECIPIENTS: tuple[Recipient, ...] = get_args(Recipient)
QUEUES = ("reviewers", "lead", "operators")
TO: Mapping[str, Address] = {
    "partner": Address(name="Ada Berg", email="ada@fabrikam.example", language="de"),
    "contact": Address(name="Lars Ek", email="lars@contoso.example", language="sv"),
    "technical_contact": Address(name="Maja Lind", email="maja@contoso.example"),
}

COMMON: Mapping[str, Any] = {
    "claim_id": CLAIM,
    "claim_name": "Teams roll-out at Contoso",
    "program": "osu-m365",
    "activity": "usage",
    "partner": "Fabrikam",
    "partner_contact": "Ada Berg",
    "customer": "Contoso",
    "tenant_id": TENANT,
    "products": [
        {"name": "Teams", "subscription_id": None},
        {"name": "Exchange Online", "subscription_id": None},
    ],
    "status": "Under review",
    "deadline": {"at": "2026-11-27T00:00:00Z", "zone": "UTC", "rule": "5 business days"},
}
FEW: Mapping[str, Any] = {
    "products": [{"name": "Teams", "subscription_id": None}],
    "deadline": None,
}

FULL: Mapping[str, Mapping[str, Any]] = {
    "submitted": {},
    "to_review": {
        "files": 2,
        "answer": True,
        "comment": "The page with the signatures is new.",
        "changes": ["File added: acknowledgement.pdf", "Product removed: Exchange Online"],
    },
    "info_requested": {
        "requests": [
            {
                "reason": "missing_products",
                "product": "Teams",
                "subscription_id": None,
                "note": "The statement of work speaks of Exchange Online only.",
                "remove": False,
            },
            {
                "reason": "missing_products",
                "product": "Exchange Online",
                "subscription_id": None,
                "note": None,
                "remove": True,
            },
            {
                "reason": "missing_or_old_dates",
                "product": None,
                "subscription_id": None,
                "note": "Signed in 2019.",
                "remove": False,
            },
        ]
    },
    "commented": {"author": "reviewer", "text": "Which page names Teams?\n\nI see only page 3."},
    "consent": {"other_recipients": True},
    "approved": {"window": "7 days"},
    "official": {"since": "2026-11-27T09:14:22Z"},
    "rejected": {
        "reasons": [
            {
                "reason": "missing_products",
                "product": "Business Central",
                "subscription_id": SUBSCRIPTION,
                "note": "Page 3 names Finance.",
            },
            {
                "reason": "insufficient_poe",
                "product": None,
                "subscription_id": None,
                "note": None,
            },
        ],
        "note": "Please look at the guidelines.",
        "dispute_until": None,
    },
    "declined": {"note": "We work with somebody else."},
    "withdrawn": {"reason": "wrong_mpn", "note": "We have two locations."},
    "handed_off": {"at": "2026-11-27T09:14:22Z"},
    "eligibility": {"outcome": "not_eligible", "note": "Below the threshold of active users."},
    "undeliverable": {"contact": "contact"},
    "evidence_problem": {
        "files": [{"name": "sow.pdf", "state": "missing"}, {"name": "b.docx", "state": "changed"}]
    },
    "overdue": {"clock": "review", "since": "2026-11-27T00:00:00Z"},
    "escalated": {"since": "2026-10-27T10:30:00Z"},
}
MINIMAL: Mapping[str, Mapping[str, Any]] = {
    "to_review": {"files": 1, "answer": False, "comment": None, "changes": []},
    "info_requested": {
        "requests": [
            {
                "reason": "missing_all_poe",
                "product": None,
                "subscription_id": None,
                "note": None,
                "remove": False,
            }
        ]
    },
    "commented": {"author": "partner", "text": "."},
    "consent": {"other_recipients": False},
    "rejected": {
        "reasons": [
            {
                "reason": "no_partner_response",
                "product": None,
                "subscription_id": None,
                "note": None,
            }
        ],
        "note": None,
        "dispute_until": None,
    },
    "declined": {"note": None},
    "withdrawn": {"reason": "other", "note": None},
    "eligibility": {"outcome": "eligible", "note": None},
    "evidence_problem": {"files": [{"name": "sow.pdf", "state": "changed"}]},
}

LIKELY: Mapping[Told, tuple[Recipient, ...]] = {
    "submitted": ("partner",),
    "to_review": ("reviewers",),
    "info_requested": ("partner",),
    "commented": ("partner", "reviewers"),
    "consent": ("contact", "technical_contact"),
    "approved": ("partner",),
    "official": ("partner",),
    "rejected": ("partner",),
    "declined": ("contact", "partner", "reviewers"),
    "withdrawn": ("contact", "reviewers"),
    "handed_off": ("partner",),
    "eligibility": ("partner",),
    "undeliverable": ("partner", "reviewers"),
    "evidence_problem": ("partner", "reviewers"),
    "overdue": ("lead",),
    "escalated": ("lead", "operators"),
}
"""Who is written to, as the lifecycle says."""


def notice(
    kind: Told, recipient: Recipient = "partner", /, to: Address | None = None, **facts: Any
) -> Notice:
    return Notice(
        notice_id=f"{CLAIM}.{kind}.1.{recipient}",
        claim_id=CLAIM,
        kind=kind,
        recipient=recipient,
        to=to or TO.get(recipient),
        facts={**COMMON, **FULL[kind], **facts},
        promise=WEEK if kind == "consent" else None,
    )


def sparse(kind: Told, recipient: Recipient) -> Notice:
    return notice(kind, recipient, **{**FEW, **MINIMAL.get(kind, {})})


def every() -> Iterator[Notice]:
    for kind, recipients in LIKELY.items():
        for recipient in recipients:
            yield notice(kind, recipient)
        yield sparse(kind, recipients[0])
