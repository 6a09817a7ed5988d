"""A sample of each mail, with facts as a claim would have them: for the preview and its tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from activities.mail import letters
from activities.mail.letters import Letter, Links
from cpor.rules.deadlines import Calendar, Window
from cpor.rules.effects.notice import Address, Notice, Promise
from cpor.rules.lifecycle import Recipient, Told

CLAIM = "CPOR-7Q2M4X"
ZONE = "Europe/Berlin"
END = datetime(2026, 11, 27, 8, 14, tzinfo=UTC)
PROMISE = Promise(
    window=Window(amount=7, unit="days", side="customer"), calendar=Calendar(zone=ZONE)
)
PORTAL = "https://portal.example"
LINKS = Links(
    claim_page=f"{PORTAL}/claims/{CLAIM}",
    program_guide=f"{PORTAL}/guide",
    earnings_report=f"{PORTAL}/earnings",
    support=f"{PORTAL}/support",
    evidence_guidelines=f"{PORTAL}/proof",
    getting_started=f"{PORTAL}/start",
    reply_to="no-thanks@cpor.example",
)
LINKS_TO_PAGES = replace(
    LINKS,
    decline=f"https://answer.example/{CLAIM}/4s0m3-l0ng-s3cr3t",
    about="https://answer.example/about",
)
NAMES: Mapping[Recipient, str] = {
    "partner": "Ada Berg",
    "contact": "Lars Ek",
    "technical_contact": "Maja Lind",
}

TEAMS = {"name": "Teams", "subscription_id": None}
EXCHANGE = {"name": "Exchange Online", "subscription_id": None}
INTUNE = {"name": "Intune", "subscription_id": None}
SALES = {"name": "Dynamics 365 Sales", "subscription_id": "0a1b2c3d-1111-4222-8333-444455556666"}
FIELD = {"name": "Field Service", "subscription_id": "0a1b2c3d-1111-4222-8333-777788889999"}

DUE = {"at": "2026-11-26T23:00:00Z", "zone": ZONE, "amount": 5, "unit": "business days"}
COMMON: Mapping[str, Any] = {
    "claim_id": CLAIM,
    "claim_name": "Teams roll-out",
    "program": "osu-m365",
    "activity": "usage",
    "partner": "Fabrikam",
    "partner_contact": NAMES["partner"],
    "customer": "Contoso",
    "tenant_id": "5f1c6d3e-8c0b-4f3c-9d2a-0b8f6f1f7a11",
    "products": [TEAMS, EXCHANGE],
    "status": "Under review",
    "deadline": DUE,
    "zone": ZONE,
}
BUSINESS_APPLICATIONS: Mapping[str, Any] = {
    "claim_name": "Sales pilot",
    "program": "osa-sell",
    "activity": "presales",
    "products": [SALES, FIELD],
}
RECOGNITION: Mapping[str, Any] = {**BUSINESS_APPLICATIONS, "activity": "revenue-association"}
ENDED: Mapping[str, Any] = {"was_official": True, "recalled": True, "status": "Rejected"}
SEVEN_DAYS = {"amount": 7, "unit": "days"}


@dataclass(frozen=True)
class Sample:
    kind: Told
    recipient: Recipient
    facts: Mapping[str, Any]
    variant: str = ""
    links: Links = LINKS

    @property
    def name(self) -> str:
        return "-".join(filter(None, (self.kind, self.variant)))

    def letter(self, language: str) -> Letter:
        """The mail in this language, even if its recipients read English."""
        name = NAMES.get(self.recipient)
        notice = Notice(
            notice_id=f"{CLAIM}.{self.kind}.1.{self.recipient}",
            claim_id=CLAIM,
            kind=self.kind,
            recipient=self.recipient,
            to=Address(name=name, email="someone@example.com") if name else None,
            facts={**COMMON, **self.facts},
            promise=PROMISE if self.kind == "consent" else None,
        )
        return letters.written_in(language, notice, self.links, END)


def _reason(
    reason: str,
    product: Mapping[str, Any] | None = None,
    note: str | None = None,
    remove: bool = False,
) -> Mapping[str, Any]:
    about = product or {"name": None, "subscription_id": None}
    return {
        "reason": reason,
        "product": about["name"],
        "subscription_id": about["subscription_id"],
        "note": note,
        "remove": remove,
    }


REQUESTS = [
    _reason("missing_products", TEAMS, "The statement of work speaks of Exchange Online only."),
    _reason("missing_products", EXCHANGE, remove=True),
    _reason("missing_or_old_dates", note="Page 4 was signed in 2019."),
]
GROUNDS = [
    _reason("missing_products", SALES, "Page 3 names Field Service only."),
    _reason("missing_customer_consent"),
]
DISPUTE = {
    "mpn_id": "5012377",
    "program": "osu-m365",
    "claim_id": CLAIM,
    "products": [TEAMS, EXCHANGE],
    "tenant_id": COMMON["tenant_id"],
    "details": "Page 2 names Teams.\nPage 4 is signed.",
    "not_by": "kim",
}
PROBLEMS = [
    "contoso.example does not belong to this tenant.",
    "The MPN location 5012377 is not enrolled in this program.",
]
REVIEWED: Mapping[str, Any] = {
    "files": 2,
    "comment": None,
    "changes": [],
    "unchanged": False,
    "dispute": None,
}

SAMPLES = (
    Sample("submitted", "partner", {"status": "Submitted"}),
    Sample(
        "to_review",
        "reviewers",
        {**REVIEWED, "because": "submission", "products": [TEAMS, EXCHANGE, INTUNE]},
    ),
    Sample(
        "to_review",
        "reviewers",
        {
            **REVIEWED,
            "because": "answer",
            "comment": "The page with the signatures is new.",
            "changes": ["File added: acknowledgement.pdf", "Product removed: Intune"],
        },
        "answer",
    ),
    Sample(
        "to_review",
        "reviewers",
        {**REVIEWED, "because": "answer", "unchanged": True},
        "unchanged",
    ),
    Sample(
        "to_review",
        "reviewers",
        {**REVIEWED, "because": "dispute", "dispute": DISPUTE, "files_added": 2},
        "dispute",
    ),
    Sample(
        "info_requested",
        "partner",
        {"requests": REQUESTS, "in_dispute": False, "status": "Partner action required"},
    ),
    Sample(
        "commented",
        "partner",
        {
            "author": "reviewer",
            "text": "Which page names Teams?\n\nI see only page 3.",
            "status": "Partner action required",
        },
    ),
    Sample("commented", "reviewers", {"author": "partner", "text": "Page 5."}, "reviewers"),
    Sample("consent", "contact", {"other_recipients": False, "any_time": False}, "by-mail"),
    Sample(
        "consent",
        "contact",
        {"other_recipients": False, "any_time": False},
        links=LINKS_TO_PAGES,
    ),
    Sample(
        "consent",
        "technical_contact",
        {**BUSINESS_APPLICATIONS, "other_recipients": True, "any_time": True},
        "any-time",
        LINKS_TO_PAGES,
    ),
    Sample(
        "approved", "partner", {"window": SEVEN_DAYS, "both_contacts": False, "status": "Approved"}
    ),
    Sample(
        "approved",
        "partner",
        {
            **BUSINESS_APPLICATIONS,
            "window": SEVEN_DAYS,
            "both_contacts": True,
            "status": "Approved",
        },
        "both-contacts",
    ),
    Sample("official", "partner", {"since": "2026-11-27T08:14:00Z", "status": "Approved"}),
    Sample(
        "official",
        "partner",
        {**RECOGNITION, "since": "2026-11-27T08:14:00Z"},
        "recognition",
    ),
    Sample(
        "rejected",
        "partner",
        {
            **BUSINESS_APPLICATIONS,
            "reasons": GROUNDS,
            "note": "Please look at the guidelines.",
            "dispute_until": {
                "at": "2026-12-26T10:00:00Z",
                "zone": ZONE,
                "amount": 30,
                "unit": "days",
            },
        },
    ),
    Sample(
        "rejected",
        "partner",
        {"reasons": [_reason("partner_request")], "note": None, "dispute_until": None},
        "for-good",
    ),
    Sample("declined", "contact", {"note": None, "was_official": False}),
    Sample("declined", "contact", {**ENDED, "note": None}, "ended"),
    Sample("declined", "partner", {**ENDED, "note": "We work with somebody else."}, "partner"),
    Sample("declined", "reviewers", {"note": None, "was_official": False}, "reviewers"),
    Sample(
        "declined",
        "reviewers",
        {"note": "Not us any more.", "void": True, "over": False},
        "void",
    ),
    Sample("declined", "reviewers", {"note": None, "void": True, "over": True}, "void-and-over"),
    Sample("withdrawn", "contact", {"reason": "wrong_mpn", "note": None}),
    Sample(
        "withdrawn",
        "reviewers",
        {"reason": "wrong_mpn", "note": "We have two locations."},
        "reviewers",
    ),
    Sample("handed_off", "partner", {"at": "2026-11-27T08:15:00Z", "status": "Approved"}),
    Sample("eligibility", "partner", {"outcome": "eligible", "note": None}),
    Sample(
        "eligibility",
        "partner",
        {
            **BUSINESS_APPLICATIONS,
            "outcome": "not_eligible",
            "note": "Below the threshold of active users.",
        },
        "not-eligible",
    ),
    Sample("undeliverable", "partner", {"contact": "technical_contact"}),
    Sample("undeliverable", "reviewers", {"contact": "contact", "notice": "consent"}, "reviewers"),
    Sample(
        "undeliverable",
        "reviewers",
        {"contact": "partner", "notice": "info_requested"},
        "another-notice",
    ),
    Sample("evidence_problem", "partner", {"files": [{"name": "sow.pdf", "state": "missing"}]}),
    Sample(
        "evidence_problem",
        "reviewers",
        {
            "files": [
                {"name": "sow.pdf", "state": "missing"},
                {"name": "signed.pdf", "state": "changed"},
            ]
        },
        "reviewers",
    ),
    Sample("overdue", "lead", {"clock": "review", "since": DUE}),
    Sample("escalated", "lead", {"since": "2026-10-27T10:30:00Z", "status": "Approved"}),
    Sample(
        "escalated",
        "operators",
        {"since": "2026-10-27T10:30:00Z", "status": "Approved"},
        "operators",
    ),
    Sample(
        "disputed",
        "partner",
        {"justification": DISPUTE["details"], "files": 2, "due": DUE, "status": "Disputed"},
    ),
    Sample(
        "dispute_decided",
        "partner",
        {"outcome": "approved", "reasons": [], "note": None, "window": SEVEN_DAYS},
    ),
    Sample(
        "dispute_decided",
        "partner",
        {
            **BUSINESS_APPLICATIONS,
            "outcome": "rejected",
            "reasons": [*GROUNDS, _reason("dispute_lost")],
            "note": "The second page is not signed.",
        },
        "rejected",
    ),
    Sample(
        "dispute_decided",
        "partner",
        {
            "outcome": "rejected",
            "reasons": [_reason("no_partner_response"), _reason("dispute_lost")],
            "note": None,
        },
        "unanswered",
    ),
    Sample(
        "disassociated",
        "partner",
        {"reason": "Our contract has ended.", "final": True, "recalled": True},
    ),
    Sample(
        "disassociated",
        "contact",
        {"reason": "Our contract has ended.", "final": True, "recalled": True},
        "customer",
    ),
    Sample(
        "disassociated",
        "reviewers",
        {"reason": "Our contract has ended.", "final": False, "recalled": False},
        "reviewers",
    ),
    Sample(
        "reminder",
        "partner",
        {
            "clock": "answer",
            "due": DUE,
            "last_day": False,
            "unsent": True,
            "requests": REQUESTS,
            "in_dispute": True,
        },
    ),
    Sample(
        "reminder",
        "reviewers",
        {"clock": "review", "due": DUE, "last_day": True, "unsent": False, "reviewer": "kim"},
        "reviewers",
    ),
    Sample("submission_refused", "partner", {"problems": PROBLEMS, "deadline": None}),
)
