"""What each message checks and does, beyond what the lifecycle table already says.

A check raises `Refused` and changes nothing. A deed changes the claim's data and says what it
did; status, clocks and notices follow from the table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from claims import catalogue, editing
from claims.debtor import Debtor
from claims.deed import Deed, plain
from claims.errors import Invalid, Problem, Refused
from claims.history import BOTH_SIDES, EVERYBODY, REVIEWERS
from claims.messages import (
    AddEvidence,
    Approve,
    Comment,
    Decline,
    Edit,
    EligibilityResult,
    Ground,
    Message,
    Reject,
    Request,
    RequestInfo,
    Retry,
    StartReview,
    Submit,
    Withdraw,
)


def check(claim: Debtor, message: Message) -> None:
    _CHECKS.get(message.name, _always)(claim, message)


def do(claim: Debtor, message: Message, now: datetime) -> Deed:
    return _DEEDS[message.name](claim, message, now)


def _always(claim: Debtor, message: Message) -> None:
    """Nothing to check beyond the table."""


# The partner's part


def _may_submit(claim: Debtor, message: Submit) -> None:
    if not claim.evidence:
        raise Refused("nothing_to_review", "at least one proof file is needed to submit")


def _submit(claim: Debtor, message: Submit, now: datetime) -> Deed:
    answered = bool(claim.requests)
    claim.submitted_at = now
    claim.first_submitted_at = claim.first_submitted_at or now
    claim.requests = []
    text = "answered the request" if answered else "submitted the claim"
    return Deed(
        "Sent. The reviewers are told.",
        text + (f": {message.comment}" if message.comment else ""),
        facts={"answer": answered, "comment": message.comment},
    )


def _withdraw(claim: Debtor, message: Withdraw, now: datetime) -> Deed:
    claim.rejected_for([Ground(reason="partner_request", note=message.note)])
    return Deed(
        "Withdrawn. Nothing more happens to this claim.",
        f"withdrew the claim ({message.reason})" + (f": {message.note}" if message.note else ""),
        {"reason": [None, message.reason]},
        EVERYBODY if claim.customer_was_asked else BOTH_SIDES,
        facts={"reason": message.reason, "note": message.note},
    )


# Both sides


def _may_comment(claim: Debtor, message: Comment) -> None:
    if message.internal and message.by.role != "reviewer":
        raise Invalid([Problem("internal", "only reviewers write internal comments")])


def _comment(claim: Debtor, message: Comment, now: datetime) -> Deed:
    if message.internal:
        return Deed("Noted, for reviewers only.", message.text, sight=REVIEWERS, tells=False)
    return Deed(
        "Noted. The other side is told; no clock stops.",
        message.text,
        facts={"author": message.by.role, "text": message.text},
    )


# The reviewers' part


def _has_seen(claim: Debtor, seen: int | None) -> None:
    if seen is None:
        return
    newer = [
        entry
        for entry in claim.history
        if entry.seq > seen and entry.by.role == "partner" and entry.what != "refused"
    ]
    if newer:
        raise Refused(
            "changed_since",
            f"the partner has changed or said something since entry {seen}; "
            f"read the history up to entry {newer[-1].seq} and decide again",
        )


def _names_products_of(claim: Debtor, grounds: list[Any], where: str) -> None:
    found: list[Problem] = []
    for index, ground in enumerate(grounds):
        if ground.product is None:
            continue
        entry = catalogue.find(ground.product)
        mine = [each for each in claim.products if entry is not None and each.code == entry.code]
        if ground.subscription_id is not None:
            mine = [each for each in mine if each.subscription_id == ground.subscription_id]
        if not mine:
            names = ", ".join(each.name for each in claim.products)
            found.append(
                Problem(f"{where}.{index}.product", f"is not in this claim; it has {names}")
            )
    if found:
        raise Invalid(found)


def _start_review(claim: Debtor, message: StartReview, now: datetime) -> Deed:
    claim.reviewer = message.by.id
    return Deed("The review has begun.", "started the review")


def _may_request_info(claim: Debtor, message: RequestInfo) -> None:
    _has_seen(claim, message.seen)
    _names_products_of(claim, message.requests, "requests")


def _request_info(claim: Debtor, message: RequestInfo, now: datetime) -> Deed:
    claim.reviewer = message.by.id
    claim.requests = [Request(**_with_name(each)) for each in message.requests]
    return Deed(
        "Asked. The partner is told.",
        f"asked for more: {_listed(claim.requests)}",
        {"requests": [None, [plain(each) for each in claim.requests]]},
        facts={"requests": [each.model_dump(mode="json") for each in claim.requests]},
    )


def _may_approve(claim: Debtor, message: Approve) -> None:
    _has_seen(claim, message.seen)
    if not any(file.is_there for file in claim.evidence):
        raise Refused(
            "nothing_to_review", "no proof file is there: all are missing or were changed"
        )


def _approve(claim: Debtor, message: Approve, now: datetime) -> Deed:
    claim.reviewer = message.by.id
    claim.approved_at, claim.consent, claim.reasons = now, "pending", []
    return Deed(
        "Approved. The customer is being told.",
        "approved the claim",
        sight=EVERYBODY,
        internal=message.note,
    )


def _may_reject(claim: Debtor, message: Reject) -> None:
    _has_seen(claim, message.seen)
    _names_products_of(claim, message.reasons, "reasons")


def _reject(claim: Debtor, message: Reject, now: datetime) -> Deed:
    claim.reviewer = message.by.id
    claim.rejected_for([Ground(**_with_name(each)) for each in message.reasons], message.note)
    return Deed(
        "Rejected. The partner is told.",
        f"rejected the claim: {_listed(claim.reasons)}"
        + (f". {message.note}" if message.note else ""),
        {"reasons": [None, [plain(each) for each in claim.reasons]]},
    )


def _with_name(ground: Ground) -> dict[str, Any]:
    """Products are kept under the catalogue's name, however they were called."""
    data = ground.model_dump()
    if ground.product is not None:
        data["product"] = catalogue.get(ground.product).name
    return data


def _listed(grounds: list[Any]) -> str:
    return "; ".join(
        ground.reason.replace("_", " ")
        + (f", {ground.product}" if ground.product else "")
        + (f" ({ground.note})" if ground.note else "")
        for ground in grounds
    )


# The customer's, the operators' and the incentive engine's part


def _may_decline(claim: Debtor, message: Decline) -> None:
    if message.by.id not in ("contact", "technical_contact"):
        raise Invalid([Problem("by.id", "must be contact or technical_contact")])
    if message.notice_id is not None and not claim.is_latest_consent_notice(message.notice_id):
        raise Refused("too_late", "this link belongs to an older notice; use the newest one")


def _decline(claim: Debtor, message: Decline, now: datetime) -> Deed:
    claim.consent = "declined"
    claim.rejected_for([Ground(reason="customer_decline", note=message.note)])
    return Deed(
        "Your no is noted. The partner is not recognised and sees no data.",
        "declined" + (f": {message.note}" if message.note else ""),
        sight=EVERYBODY,
        facts={"note": message.note},
    )


def _retry(claim: Debtor, message: Retry, now: datetime) -> Deed:
    again = claim.owe_again(now)
    if not again:
        return Deed("Nothing is parked.", "retried, nothing was parked", sight=REVIEWERS)
    return Deed(f"Tried again: {', '.join(again)}.", f"retried {', '.join(again)}", sight=REVIEWERS)


def _eligibility_result(claim: Debtor, message: EligibilityResult, now: datetime) -> Deed:
    before, claim.eligibility = claim.eligibility, message.outcome
    return Deed(
        "Noted. The partner is told.",
        f"judged: {message.outcome}" + (f" ({message.note})" if message.note else ""),
        {"eligibility": [before, message.outcome]},
        facts={"outcome": message.outcome, "note": message.note},
    )


_CHECKS: Mapping[str, Callable[[Debtor, Any], None]] = {
    Edit.name: editing.may_edit,
    AddEvidence.name: editing.may_add_evidence,
    Submit.name: _may_submit,
    Comment.name: _may_comment,
    RequestInfo.name: _may_request_info,
    Approve.name: _may_approve,
    Reject.name: _may_reject,
    Decline.name: _may_decline,
}
_DEEDS: Mapping[str, Callable[[Debtor, Any, datetime], Deed]] = {
    Edit.name: editing.edit,
    AddEvidence.name: editing.add_evidence,
    Submit.name: _submit,
    Withdraw.name: _withdraw,
    Comment.name: _comment,
    StartReview.name: _start_review,
    RequestInfo.name: _request_info,
    Approve.name: _approve,
    Reject.name: _reject,
    Decline.name: _decline,
    Retry.name: _retry,
    EligibilityResult.name: _eligibility_result,
}
