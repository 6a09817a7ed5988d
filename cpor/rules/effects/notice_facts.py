"""The facts of a mail: what each kind of notice is told of the claim, and no more."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, get_args

from cpor.rules import contacts, rivalry
from cpor.rules.deadlines import Clock, Side, Window
from cpor.rules.doubts import open_doubts
from cpor.rules.errors import shortened
from cpor.rules.history import Entry
from cpor.rules.lifecycle import Recipient, Status, Told
from cpor.rules.state import CHANGES, State


def of(
    claim: State, notice: Told, recipient: Recipient, told: Mapping[str, Any]
) -> Mapping[str, Any]:
    return {**_common(claim, notice, recipient), **_particular(claim, notice, told), **told}


UNSAID: Mapping[str, Any] = {
    **dict.fromkeys(("answer", "any_time", "both_contacts", "in_dispute"), False),
    **dict.fromkeys(("comment", "dispute", "note"), None),
    "changes": [],
    "unconfirmed": [],
}
"""What a notice without these facts says: a history is kept for years, and most have none."""
MOST_CHANGES = 20
MOST_OF_CHANGE = 1000
"""A mail is no history: that has all changes, in full."""
ONLY_TOLD_IN: Mapping[str, Collection[Told]] = {
    "claim_name": set(get_args(Told))
    - {
        *("consent", "official", "withdrawn", "extended", "confirm_contact", "objected"),
        *("doubted", "association_kept", "association_ended", "unreached", "item_free"),
    },
    "products": {
        *("submitted", "to_review", "consent", "approved", "official", "dispute_decided"),
        *("declined", "withdrawn", "disassociated", "reminder", "overdue", "escalated"),
        *("eligibility", "assigned", "association_kept", "association_ended"),
    },
    "program": {"submitted", "to_review"},
    "activity": {
        *("to_review", "consent", "approved", "official", "declined", "dispute_decided"),
    },
    "tenant_id": {"to_review", "eligibility"},
    "partner_contact": {"consent"},
    "status": {"commented", "overdue", "assigned"},
    "deadline": {
        *("submitted", "to_review", "info_requested", "commented"),
        *("undeliverable", "evidence_problem", "assigned"),
    },
    "zone": {"official", "handed_off", "escalated", "to_review", "submitted", "consent"},
}
"""Facts that travel with these notices only: a history is kept for years, and each has many."""


def short(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Without what goes unsaid."""
    said = {
        name: fact for name, fact in facts.items() if name not in UNSAID or fact != UNSAID[name]
    }
    if products := facts.get("products"):
        said["products"] = [
            {name: value for name, value in product.items() if value is not None}
            for product in products
        ]
    return said


def in_full(facts: Mapping[str, Any]) -> dict[str, Any]:
    """With what goes unsaid."""
    whole = {**UNSAID, **facts}
    if products := facts.get("products"):
        whole["products"] = [{"subscription_id": None, **product} for product in products]
    return whole


def _common(claim: State, notice: Told, reader: Recipient) -> dict[str, Any]:
    running = claim.clocks.running()
    facts: dict[str, Any] = {
        "claim_name": claim.name,
        "program": claim.program,
        "activity": claim.activity,
        "partner": claim.listed_name or claim.partner.name,
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


def _particular(claim: State, notice: Told, told: Mapping[str, Any]) -> Mapping[str, Any]:
    """`told` is what is known already of the message that caused it."""
    match notice:
        case "to_review":
            changes = _changes_since_decision(claim.history)
            is_disputed = claim.in_dispute or told.get("because") == "dispute"
            return {
                "files": sum(file.is_there for file in claim.evidence),
                "changes": changes,
                "unchanged": not changes and told.get("because") == "answer",
                "dispute": _six_facts(claim) if is_disputed else None,
                "unconfirmed": contacts.listed(claim)["contacts"],
                **rivalry.for_reviewers(claim),
                **_of_the_sheet(claim),
            }
        case "submitted" | "contested":
            return rivalry.for_partner(claim)
        case "consent":
            any_time = claim.rules_in_force.decline_after_consent
            return {"any_time": any_time, **rivalry.for_customer(claim)}
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
            added = told["files_added"]
            return {"due": answer and due(claim, answer), "files": added}
        case "extended":
            clock = claim.clocks.live(told["clock"])
            return {"due": due(claim, clock) if clock and clock.end else None}
        case "info_requested":
            return {"in_dispute": claim.in_dispute}
        case "reminder":
            return {
                "in_dispute": claim.in_dispute,
                "requests": [each.model_dump(mode="json") for each in claim.requests],
            }
        case "evidence_problem":
            return _what_becomes_of_proof(claim)
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


def _of_the_sheet(claim: State) -> Mapping[str, Any]:
    """Nothing where it was not written yet, or is written anew."""
    if claim.sheet is None or any(debt.kind == "look" for debt in claim.debts):
        return {}
    careful = sum(file.verdict not in (None, "clean") for file in claim.evidence if file.is_there)
    counts = {"found": claim.sheet.found, "of": claim.sheet.looked_for, "careful": careful}
    return {"sheet": {**counts, "asks": claim.sheet.asks}}


def _what_becomes_of_proof(claim: State) -> Mapping[str, Any]:
    """How files are added as the claim stands now, and what an approval rests on."""
    is_approved = claim.status is Status.APPROVED
    if "evidence" in claim.editable:
        can_add = "now"
    elif claim.waiting_for == "reviewer" and not is_approved:
        can_add = "when asked"
    else:
        can_add = "by dispute" if claim.may_be_disputed else "never"
    return {
        "can_add": can_add,
        "can_be_approved": not is_approved and can_add in ("now", "when asked"),
        "in_doubt": any(doubt.kind == "proof" for doubt in open_doubts(claim)),
    }


def _time_for_the_customer(claim: State) -> Mapping[str, Any]:
    both = len(contacts.told(claim)) > 1
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
            return _not_too_many(changes[::-1])
        if entry.what in CHANGES and entry.by.role == "partner":
            changes.append(shortened(entry.text, MOST_OF_CHANGE))
    return []


def _not_too_many(changes: list[str]) -> list[str]:
    if (earlier := len(changes) - MOST_CHANGES) > 0:
        return [f"{earlier} changes before these; the history has them", *changes[-MOST_CHANGES:]]
    return changes
