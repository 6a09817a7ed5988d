"""Facts of notices as a claim would tell them, full and as few as there may be."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, get_args

from cpor.rules.deadlines import Calendar, Window
from cpor.rules.effects.notice import Address, Notice, Promise
from cpor.rules.lifecycle import Recipient, Told

BEGAN = datetime(2026, 11, 20, 9, 14, 22, tzinfo=UTC)
CLAIM = "CPOR-7Q2M4X"
TENANT = "5f1c6d3e-8c0b-4f3c-9d2a-0b8f6f1f7a11"
MPN = "5012377"
SUBSCRIPTION = "0a1b2c3d-1111-4222-8333-444455556666"
WEEK = Promise(window=Window(amount=7, unit="days", side="customer"), calendar=Calendar())

NOT_MAILS = ("hand_off", "question")
KINDS: tuple[Told, ...] = tuple(kind for kind in get_args(Told) if kind not in NOT_MAILS)
RECIPIENTS: tuple[Recipient, ...] = get_args(Recipient)
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
    "deadline": {
        "at": "2026-11-27T00:00:00Z",
        "zone": "UTC",
        "amount": 5,
        "unit": "business days",
    },
    "zone": "UTC",
}
FEW: Mapping[str, Any] = {
    "products": [{"name": "Teams", "subscription_id": None}],
    "deadline": None,
}

DUE: Mapping[str, Any] = COMMON["deadline"]

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
    "consent": {"other_recipients": True, "any_time": True},
    "approved": {"window": {"amount": 7, "unit": "days"}},
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
        "files": [{"name": "sow.pdf", "state": "missing"}, {"name": "b.docx", "state": "changed"}],
        "can_add": "when asked",
        "can_be_approved": True,
        "in_doubt": False,
        "taken_back": True,
    },
    "overdue": {"clock": "review", "since": {"at": "2026-11-27T00:00:00Z", "zone": "UTC"}},
    "escalated": {"since": "2026-10-27T10:30:00Z"},
    "disputed": {
        "justification": "Page 2 names Teams.\n\nPage 4 is signed.",
        "files": 2,
        "due": DUE,
    },
    "dispute_decided": {
        "outcome": "rejected",
        "reasons": [
            {
                "reason": "missing_products",
                "product": "Business Central",
                "subscription_id": SUBSCRIPTION,
                "note": "Page 2 names Finance.",
            },
            {
                "reason": "insufficient_poe",
                "product": None,
                "subscription_id": None,
                "note": None,
            },
            {"reason": "dispute_lost", "product": None, "subscription_id": None, "note": None},
        ],
        "note": "The second page is not signed.",
    },
    "disassociated": {"reason": "Our contract has ended.", "final": True, "recalled": True},
    "reminder": {
        "clock": "review",
        "due": DUE,
        "last_day": True,
        "unsent": False,
        "reviewer": "kim",
    },
    "assigned": {"reviewer": "kim"},
    "extended": {"clock": "answer", "days": 2, "why": "A public holiday.", "due": DUE},
    "submission_refused": {
        "problems": [
            "contoso.example does not belong to this tenant.",
            "The MPN location 5012377 is not enrolled in this program.",
        ]
    },
    "confirm_contact": {
        "domain": "contoso.example",
        "contacts": [
            {"contact": "contact", "why": ["outside_domain", "changed"]},
            {"contact": "technical_contact", "why": ["changed"]},
        ],
    },
    "objected": {
        "stands_still": True,
        "objections": [
            {
                "contact": "contact",
                "at": "2026-11-27T09:14:22Z",
                "note": "They never worked for us.",
                "by_older_link": True,
            },
            {
                "contact": "contact",
                "at": "2026-11-27T09:14:22Z",
                "note": None,
                "by_older_link": False,
            },
        ],
    },
    "doubted": {
        "doubts": [
            {"kind": "directory", "note": "The subscription is not active."},
            {"kind": "proof", "note": "sow.pdf is missing"},
        ]
    },
    "association_kept": {"reason": "Page 3 names the partner.", "by_older_link": False},
    "association_ended": {
        "reason": "The contract names somebody else.",
        "objected": True,
        "by_older_link": True,
        "final": True,
        "recalled": True,
    },
    "unreached": {},
    "contested": {"contested": {"holds": True, "products": ["Teams"]}},
    "item_free": {"free": ["Teams", "Exchange Online"]},
}
FULL_TO: Mapping[tuple[Told, Recipient], Mapping[str, Any]] = {
    ("reminder", "partner"): {
        "clock": "answer",
        "due": DUE,
        "last_day": True,
        "unsent": True,
        "requests": FULL["info_requested"]["requests"],
        "reviewer": "kim",
    },
}
"""In place of `FULL` where what is told depends on who reads it."""

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
    "consent": {"other_recipients": False, "any_time": False},
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
    "evidence_problem": {
        "files": [{"name": "sow.pdf", "state": "changed"}],
        "can_add": "now",
        "can_be_approved": False,
        "in_doubt": True,
        "taken_back": False,
    },
    "disputed": {"justification": None, "files": 1, "due": None},
    "dispute_decided": {
        "reasons": [
            {
                "reason": "no_partner_response",
                "product": None,
                "subscription_id": None,
                "note": None,
            },
            {"reason": "dispute_lost", "product": None, "subscription_id": None, "note": None},
        ],
        "note": None,
    },
    "disassociated": {"reason": "Over.", "final": False, "recalled": False},
    "reminder": {"last_day": False, "unsent": False, "reviewer": None},
    "extended": {"clock": "overall", "days": 1, "why": None, "due": None},
    "submission_refused": {"problems": ["The subscription is not active."]},
    "confirm_contact": {
        "domain": "contoso.example",
        "contacts": [{"contact": "contact", "why": ["changed"]}],
    },
    "objected": {
        "stands_still": False,
        "objections": [
            {
                "contact": "contact",
                "at": "2026-11-27T09:14:22Z",
                "note": None,
                "by_older_link": False,
            }
        ],
    },
    "doubted": {"doubts": [{"kind": "directory", "note": None}]},
    "association_ended": {
        "reason": "Over.",
        "objected": False,
        "by_older_link": False,
        "final": False,
        "recalled": False,
    },
    "contested": {"contested": None},
    "item_free": {"free": ["Teams"]},
}
RIVAL: Mapping[str, Any] = {
    "claim_id": "CPOR-8H3N5Y",
    "same_partner": False,
    "holds": True,
    "products": ["Teams"],
    "since": "2026-10-02T09:14:22Z",
    "proof_at": "2026-08-01T10:00:00Z",
}
NO: Mapping[str, Any] = {"claim_id": "CPOR-6G1K3W", "at": "2026-03-04T10:00:00Z"}
DISPUTE: Mapping[str, Any] = {
    "mpn_id": MPN,
    "program": "osu-m365",
    "claim_id": CLAIM,
    "products": [
        {"name": "Teams", "subscription_id": None},
        {"name": "Business Central", "subscription_id": SUBSCRIPTION},
    ],
    "tenant_id": TENANT,
    "details": "Page 2 names Teams.\n\nPage 4 is signed.",
    "not_by": "kim",
}
SHAPES: tuple[tuple[Told, tuple[Recipient, ...], Mapping[str, Any]], ...] = (
    ("to_review", ("reviewers",), {"because": "submission", "answer": False, "changes": []}),
    ("to_review", ("reviewers",), {"because": "answer", "unchanged": False}),
    ("to_review", ("reviewers",), {"because": "answer", "unchanged": True, "changes": []}),
    ("to_review", ("reviewers",), {"because": "answer", "dispute": DISPUTE}),
    (
        "to_review",
        ("reviewers",),
        {"because": "dispute", "answer": False, "changes": [], "dispute": DISPUTE},
    ),
    (
        "to_review",
        ("reviewers",),
        {
            "because": "dispute",
            "answer": False,
            "changes": [],
            "comment": None,
            "files_added": 2,
            "dispute": {**DISPUTE, "details": None, "not_by": None},
        },
    ),
    (
        "to_review",
        ("reviewers",),
        {
            "because": "award_lost",
            "changes": [],
            "rivals": [RIVAL, {**RIVAL, "same_partner": True, "holds": False, "proof_at": None}],
            "more_rivals": 2,
            "earlier": [{**NO, "ended": "declined"}],
            "lacks_new_proof": True,
        },
    ),
    ("submitted", ("partner",), {"contested": {"holds": False, "products": []}, "noes": [NO]}),
    ("consent", ("contact", "technical_contact"), {"noes": [NO]}),
    (
        "association_ended",
        ("contact", "technical_contact"),
        {"reason": None, "objected": False, "by_older_link": False},
    ),
    ("info_requested", ("partner",), {"in_dispute": True}),
    ("commented", ("partner", "reviewers"), {"status": "Rejected"}),
    (
        "rejected",
        ("partner",),
        {
            "dispute_until": {
                "at": "2026-12-26T10:00:00Z",
                "zone": "UTC",
                "amount": 30,
                "unit": "days",
            }
        },
    ),
    (
        "dispute_decided",
        ("partner",),
        {"outcome": "approved", "reasons": [], "window": {"amount": 7, "unit": "days"}},
    ),
    (
        "declined",
        ("contact", "technical_contact", "partner", "reviewers"),
        {"was_official": True, "status": "Rejected"},
    ),
    ("reminder", ("reviewers",), {"clock": "wait_for_review", "last_day": False, "reviewer": None}),
    ("reminder", ("reviewers",), {"clock": "dispute_answer"}),
    ("reminder", ("partner",), {"unsent": False, "last_day": False, "in_dispute": True}),
    ("undeliverable", ("partner", "reviewers"), {"notice": "consent"}),
    ("undeliverable", ("reviewers",), {"contact": "partner", "notice": "info_requested"}),
    ("undeliverable", ("reviewers",), {"contact": "technical_contact", "notice": "withdrawn"}),
    ("overdue", ("lead",), {"clock": "dispute_answer", "status": "Disputed"}),
)
"""Other facts that a kind may have, over those of `FULL`."""


LIKELY: Mapping[Told, tuple[Recipient, ...]] = {
    "submitted": ("partner",),
    "confirm_contact": ("reviewers", "lead"),
    "objected": ("reviewers", "lead"),
    "doubted": ("reviewers", "lead"),
    "association_kept": ("contact", "technical_contact"),
    "association_ended": ("contact", "technical_contact", "partner"),
    "unreached": ("reviewers", "lead"),
    "contested": ("partner",),
    "item_free": ("reviewers",),
    "to_review": ("reviewers",),
    "info_requested": ("partner",),
    "commented": ("partner", "reviewers"),
    "consent": ("contact", "technical_contact"),
    "approved": ("partner",),
    "official": ("partner",),
    "rejected": ("partner",),
    "declined": ("contact", "technical_contact", "partner", "reviewers"),
    "withdrawn": ("contact", "technical_contact", "partner", "reviewers"),
    "handed_off": ("partner",),
    "eligibility": ("partner",),
    "undeliverable": ("partner", "reviewers"),
    "evidence_problem": ("partner", "reviewers"),
    "overdue": ("lead",),
    "escalated": ("lead", "operators"),
    "disputed": ("partner",),
    "dispute_decided": ("partner",),
    "disassociated": ("partner", "contact", "technical_contact", "reviewers"),
    "reminder": ("partner", "reviewers"),
    "submission_refused": ("partner",),
    "assigned": ("reviewers",),
    "extended": ("partner", "reviewers", "contact", "technical_contact"),
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
        facts={**COMMON, **FULL_TO.get((kind, recipient), FULL[kind]), **facts},
        promise=WEEK if kind == "consent" else None,
    )


def sparse(kind: Told, recipient: Recipient) -> Notice:
    return notice(kind, recipient, **{**FEW, **MINIMAL.get(kind, {})})


def every() -> Iterator[Notice]:
    for kind, recipients in LIKELY.items():
        for recipient in recipients:
            yield notice(kind, recipient)
            yield sparse(kind, recipient)
    for kind, recipients, facts in SHAPES:
        for recipient in recipients:
            yield notice(kind, recipient, **facts)
            yield notice(kind, recipient, **{**FEW, **facts})
