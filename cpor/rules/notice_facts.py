"""What each payment is made of: the facts of a mail, the event of a hand-off, the final record.

The facts of a mail are written down when it is first sent, so that a later try says the same; its
address is looked up at each try, so that a corrected contact is used.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, get_args

from cpor.rules import views
from cpor.rules.deadlines import Calendar, Clock, Side, Window
from cpor.rules.effects import (
    Address,
    Debt,
    DirectoryQuestion,
    FileToSeal,
    HandOff,
    Notice,
    Payment,
    Promise,
    Recipient,
    Record,
    Seal,
    plain,
)
from cpor.rules.history import CLAIM_ITSELF, Entry
from cpor.rules.lifecycle import Told
from cpor.rules.state import State

READY = "cpor.claim.ready-for-eligibility"
RECALLED = "cpor.claim.recalled"


def payment(claim: State, debt: Debt, run: str) -> Payment:
    debt.begun = True
    for asked in claim.asked.values():
        if asked.notice_id == debt.id:
            asked.state = "under way"
    match debt.kind:
        case "notice":
            return _notice(claim, debt)
        case "seal":
            wanted = debt.facts["files"]
            files = [file for file in claim.evidence if file.sha256 in wanted]
            return Seal(
                claim_id=claim.claim_id,
                files=[FileToSeal(sha256=file.sha256, size=file.size) for file in files],
            )
        case "directory":
            return DirectoryQuestion(
                id=debt.id,
                claim_id=claim.claim_id,
                program=claim.program,
                activity=claim.activity,
                mpn_id=claim.partner.mpn_id,
                tenant_id=claim.customer.tenant_id,
                domain=claim.customer.domain,
                products=claim.products,
            )
        case "hand_off":
            debt.facts = claim.handed_over = debt.facts or _ready(claim)
            return _event(claim, debt, READY, claim.official_since)
        case "recall":
            return _event(claim, debt, RECALLED, None)
        case "event":
            return HandOff(
                id=debt.id,
                type=debt.facts["type"],
                subject=claim.claim_id,
                time=debt.since,
                data=debt.facts["data"],
            )
        case "record":
            return Record(claim_id=claim.claim_id, run=run, record=views.record(claim))


def _notice(claim: State, debt: Debt) -> Notice:
    if debt.notice is None or debt.recipient is None:
        raise AssertionError("a notice has a kind and a recipient")
    if "partner" not in debt.facts:
        debt.facts = plain(
            {
                **_common(claim, debt.notice, debt.recipient),
                **_particular(claim, debt),
                **debt.facts,
            }
        )
    contact = claim.contact(debt.recipient)
    consent = claim.clocks.latest("consent") if debt.notice == "consent" else None
    return Notice(
        notice_id=debt.id,
        claim_id=claim.claim_id,
        kind=debt.notice,
        recipient=debt.recipient,
        to=contact and Address(name=contact.name, email=contact.email, language=contact.language),
        reviewer=claim.reviewer if debt.recipient == "reviewer" else None,
        facts=debt.facts,
        promise=consent and _promise(consent, claim.clocks.calendar_of(consent)),
    )


def _promise(clock: Clock, calendar: Calendar) -> Promise:
    """The days of a window that counts all days alike need not travel with each mail."""
    if clock.window.unit == "days" and not clock.extended:
        calendar = calendar.model_copy(update={"holidays": {}})
    return Promise(window=clock.window, calendar=calendar, extended=clock.extended)


ONLY_TOLD_IN: Mapping[str, Collection[Told]] = {
    "claim_name": set(get_args(Told)) - {"consent", "official", "withdrawn"},
    "products": {
        *("submitted", "to_review", "consent", "approved", "official", "dispute_decided"),
        *("declined", "withdrawn", "disassociated", "reminder", "overdue", "escalated"),
        "eligibility",
    },
    "program": {"submitted", "to_review"},
    "activity": {
        *("to_review", "consent", "approved", "official", "declined", "dispute_decided"),
    },
    "tenant_id": {"to_review", "eligibility"},
    "partner_contact": {"consent"},
    "status": {"commented", "overdue"},
    "deadline": {
        *("submitted", "to_review", "info_requested", "commented"),
        *("undeliverable", "evidence_problem"),
    },
    "zone": {"official", "handed_off", "escalated"},
}
"""Facts that travel with these notices only: a history is kept for years, and each has many."""


def _common(claim: State, notice: Told, reader: Recipient) -> dict[str, Any]:
    running = claim.clocks.running()
    facts: dict[str, Any] = {
        "claim_name": claim.name,
        "program": claim.program,
        "activity": claim.activity,
        "partner": claim.partner.name,
        "partner_contact": claim.partner.contact.name,
        "customer": claim.customer.name,
        "tenant_id": claim.customer.tenant_id,
        "products": _products(claim),
        "status": claim.status.value,
        "deadline": due(claim, running[0]) if running else None,
        "zone": claim.clocks.calendars.of(_side(reader)).zone,
    }
    return {
        name: fact for name, fact in facts.items() if notice in ONLY_TOLD_IN.get(name, {notice})
    }


def _side(reader: Recipient) -> Side:
    if reader == "partner":
        return "partner"
    return "customer" if reader in ("contact", "technical_contact") else "reviewer"


def due(claim: State, clock: Clock) -> Mapping[str, Any]:
    """Until when, in whose zone and by which rule."""
    zone = claim.clocks.calendar_of(clock).zone
    return {"at": clock.end, "zone": zone, **_span(clock.window)}


def _span(window: Window) -> Mapping[str, Any]:
    """How long, for each language to say in its words."""
    return {"amount": window.amount, "unit": window.unit}


def _particular(claim: State, debt: Debt) -> Mapping[str, Any]:
    match debt.notice:
        case "to_review":
            changes = _changes_since_decision(claim.history)
            is_disputed = claim.in_dispute or debt.facts.get("because") == "dispute"
            return {
                "files": sum(file.is_there for file in claim.evidence),
                "changes": changes,
                "unchanged": not changes and debt.facts.get("because") == "answer",
                "dispute": _six_facts(claim) if is_disputed else None,
            }
        case "consent":
            return {"any_time": claim.rules_in_force.decline_after_consent}
        case "approved":
            return _time_for_the_customer(claim)
        case "dispute_decided":
            return {
                **_time_for_the_customer(claim),
                "reasons": [each.model_dump(mode="json") for each in claim.reasons],
                "note": claim.rejection_note,
            }
        case "disputed":
            answer = claim.clocks.live("dispute_answer")
            added = debt.facts["files_added"]
            return {"due": answer and due(claim, answer), "files": added}
        case "info_requested":
            return {"in_dispute": claim.in_dispute}
        case "reminder":
            return {
                "in_dispute": claim.in_dispute,
                "requests": [each.model_dump(mode="json") for each in claim.requests],
            }
        case "official":
            return {"since": claim.official_since}
        case "rejected":
            window = claim.clocks.live("dispute")
            return {
                "reasons": [each.model_dump(mode="json") for each in claim.reasons],
                "note": claim.rejection_note,
                "dispute_until": window and due(claim, window),
            }
        case _:
            return {}


def _time_for_the_customer(claim: State) -> Mapping[str, Any]:
    both = len(claim.recipients("customer", CLAIM_ITSELF)) > 1
    return {"window": _span(claim.window("consent")), "both_contacts": both}


def _six_facts(claim: State) -> Mapping[str, Any]:
    """What a request to decide a dispute must carry, and who may not decide it."""
    return {
        "mpn_id": claim.partner.mpn_id,
        "program": claim.program,
        "claim_id": claim.claim_id,
        "products": _products(claim),
        "tenant_id": claim.customer.tenant_id,
        "details": claim.dispute and claim.dispute.justification,
        "not_by": claim.dispute and claim.dispute.not_by,
    }


def _products(claim: State) -> list[Mapping[str, Any]]:
    return [
        {"name": product.name, "subscription_id": product.subscription_id}
        for product in claim.products
    ]


def _changes_since_decision(history: list[Entry]) -> list[str]:
    """What the partner did since the last request or rejection, in the words of the history."""
    changes: list[str] = []
    for entry in reversed(history):
        asked = entry.what == "directory" and "status" in entry.changes
        decided = entry.what in ("request_info", "reject") and entry.by.role == "reviewer"
        if asked or decided:
            return changes[::-1]
        if entry.what in ("edit", "add_evidence") and entry.by.role == "partner":
            changes.append(entry.text)
    return []


def _event(claim: State, debt: Debt, kind: str, at: datetime | None) -> HandOff:
    return HandOff(
        id=debt.id, type=kind, subject=claim.claim_id, time=at or debt.since, data=debt.facts
    )


def _ready(claim: State) -> Mapping[str, Any]:
    return plain(
        {
            "claim_id": claim.claim_id,
            "program": claim.program,
            "activity": claim.activity,
            "edition": claim.edition,
            "mpn_id": claim.partner.mpn_id,
            "tenant_id": claim.customer.tenant_id,
            "products": [product.model_dump() for product in claim.products],
            "evidence": [file.sha256 for file in claim.evidence if file.is_there],
            "first_submitted_at": claim.first_submitted_at,
            "approved_at": claim.approved_at,
            "consent_lapsed_at": claim.official_since,
        }
    )
