"""What each payment is made of: the facts of a mail, the event of a hand-off, the final record.

The facts of a mail are written down when it is first sent, so that a later try says the same; its
address is looked up at each try, so that a corrected contact is used.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from claims import views
from claims.effects import (
    Address,
    Debt,
    FileToSeal,
    HandOff,
    Notice,
    Payment,
    Promise,
    Record,
    Seal,
    plain,
)
from claims.history import Entry
from claims.state import State

READY = "cpor.claim.ready-for-eligibility"


def payment(claim: State, debt: Debt, run: str) -> Payment:
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
        case "hand_off":
            return _hand_off(claim, debt)
        case "record":
            return Record(claim_id=claim.claim_id, run=run, record=views.record(claim))


def _notice(claim: State, debt: Debt) -> Notice:
    if debt.notice is None or debt.recipient is None:
        raise AssertionError("a notice has a kind and a recipient")
    if "claim_id" not in debt.facts:
        debt.facts = plain({**_common(claim), **_particular(claim, debt), **debt.facts})
    contact = claim.contact(debt.recipient)
    consent = claim.clocks.latest("consent") if debt.notice == "consent" else None
    return Notice(
        notice_id=debt.id,
        claim_id=claim.claim_id,
        kind=debt.notice,
        recipient=debt.recipient,
        to=contact and Address(name=contact.name, email=contact.email, language=contact.language),
        facts=debt.facts,
        promise=consent
        and Promise(window=consent.window, calendar=claim.clocks.calendar_of(consent)),
    )


def _common(claim: State) -> dict[str, Any]:
    running = claim.clocks.running()
    return {
        "claim_id": claim.claim_id,
        "claim_name": claim.name,
        "program": claim.program,
        "activity": claim.activity,
        "partner": claim.partner.name,
        "partner_contact": claim.partner.contact.name,
        "customer": claim.customer.name,
        "tenant_id": claim.customer.tenant_id,
        "products": [
            {"name": product.name, "subscription_id": product.subscription_id}
            for product in claim.products
        ],
        "status": claim.status.value,
        "deadline": {
            "at": running[0].end,
            "zone": claim.clocks.calendar_of(running[0]).zone,
            "rule": str(running[0].window),
        }
        if running
        else None,
    }


def _particular(claim: State, debt: Debt) -> Mapping[str, Any]:
    match debt.notice:
        case "to_review":
            return {
                "files": sum(file.is_there for file in claim.evidence),
                "changes": _changes_since_request(claim.history),
            }
        case "approved":
            return {"window": str(claim.rules_in_force.windows["consent"])}
        case "official":
            return {"since": claim.official_since}
        case "rejected":
            return {
                "reasons": [each.model_dump(mode="json") for each in claim.reasons],
                "note": claim.rejection_note,
                "dispute_until": None,
            }
        case _:
            return {}


def _changes_since_request(history: list[Entry]) -> list[str]:
    """What the partner did between the last request and now, in the words of the history."""
    changes: list[str] = []
    for entry in reversed(history):
        if entry.what == "request_info":
            return changes[::-1]
        if entry.what in ("edit", "add_evidence") and entry.by.role == "partner":
            changes.append(entry.text)
    return []


def _hand_off(claim: State, debt: Debt) -> HandOff:
    return HandOff(
        id=debt.id,
        type=READY,
        subject=claim.claim_id,
        time=claim.official_since or debt.since,
        data={
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
        },
    )
