"""What each message checks and does, beyond what the lifecycle table already says.

A check raises `Refused` and changes nothing. A deed changes the claim's data and says what it
did; status, clocks and notices follow from the table. Here are those of the partner and the
customer, and the list of all.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from cpor.rules import association, editing, operating, reviewing
from cpor.rules.actions import Deed
from cpor.rules.debtor import Debtor
from cpor.rules.errors import Invalid, Problem, Refused
from cpor.rules.history import BOTH_SIDES, EVERYBODY, REVIEWERS, Ground
from cpor.rules.lifecycle import Status
from cpor.rules.messages import (
    AddEvidence,
    Approve,
    Assign,
    Bounced,
    Comment,
    Decline,
    Disassociate,
    Dispute,
    Edit,
    EligibilityResult,
    Extend,
    Message,
    Reject,
    RequestInfo,
    Retry,
    StartReview,
    Submit,
    Withdraw,
)
from cpor.rules.state import Dispute as OpenDispute


def check(claim: Debtor, message: Message) -> None:
    _CHECKS.get(message.name, _always)(claim, message)


def do(claim: Debtor, message: Message, now: datetime) -> Deed:
    return _DEEDS[message.name](claim, message, now)


def _always(claim: Debtor, message: Message) -> None:
    """Nothing to check beyond the table."""


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
        facts={
            "because": "answer" if answered else "submission",
            "answer": answered,
            "comment": message.comment,
        },
    )


def _withdraw(claim: Debtor, message: Withdraw, now: datetime) -> Deed:
    reviewing.disputed(claim)
    claim.rejected_for([Ground(reason="partner_request", note=message.note)])
    return Deed(
        "Withdrawn. Nothing more happens to this claim.",
        f"withdrew the claim ({message.reason})" + (f": {message.note}" if message.note else ""),
        {"reason": [None, message.reason]},
        EVERYBODY if claim.customer_was_asked else BOTH_SIDES,
        facts={"reason": message.reason, "note": message.note},
    )


def _may_dispute(claim: Debtor, message: Dispute) -> None:
    editing.may_have_files(claim, message.evidence)
    known = {file.sha256 for file in claim.evidence if file.is_there}
    if message.justification is None and known >= {file.sha256 for file in message.evidence}:
        raise Invalid([Problem("evidence", "is here already; add something new, or say why")])


def _dispute(claim: Debtor, message: Dispute, now: datetime) -> Deed:
    claim.dispute = OpenDispute(not_by=claim.judge, justification=message.justification)
    claim.reviewer = None
    editing.add_files(claim, message.evidence, now)
    claim.submitted_at = now
    hashes = [file.sha256 for file in message.evidence]
    return Deed(
        "Noted. A second reviewer decides.",
        "disputed the rejection" + (f": {message.justification}" if message.justification else ""),
        {"evidence": [None, hashes]} if hashes else {},
        facts={
            "because": "dispute",
            "justification": message.justification,
            "files_added": len(hashes),
        },
    )


def _disassociate(claim: Debtor, message: Disassociate, now: datetime) -> Deed:
    association.end(claim, Ground(reason="disassociated", note=message.reason), now)
    return Deed(
        "Ended. The customer is told, and what was handed on is recalled.",
        f"ended the association: {message.reason}",
        sight=EVERYBODY,
        facts={
            "reason": message.reason,
            "final": claim.rules_in_force.leads_to[message.name] is Status.REJECTED_FINAL,
            "recalled": association.is_recalled(claim),
        },
    )


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


def _may_decline(claim: Debtor, message: Decline) -> None:
    if message.by.id not in ("contact", "technical_contact"):
        raise Invalid([Problem("by.id", "must be contact or technical_contact")])
    if message.notice_id is not None and not claim.is_latest_consent_notice(message.notice_id):
        raise Refused("too_late", "this link belongs to an older notice; use the newest one")


def _decline(claim: Debtor, message: Decline, now: datetime) -> Deed:
    why, was_official = Ground(reason="customer_decline", note=message.note), claim.is_official
    if was_official:
        association.end(claim, why, now)
    else:
        claim.rejected_for([why])
    claim.consent = "declined"
    return Deed(
        "Your no is noted. The partner is not recognised and sees no data.",
        "declined" + (f": {message.note}" if message.note else ""),
        sight=EVERYBODY,
        facts={
            "note": message.note,
            "was_official": was_official,
            "recalled": association.is_recalled(claim),
        },
    )


_CHECKS: Mapping[str, Callable[[Debtor, Any], None]] = {
    Edit.name: editing.may_edit,
    AddEvidence.name: editing.may_add_evidence,
    Submit.name: _may_submit,
    Comment.name: _may_comment,
    Dispute.name: _may_dispute,
    Decline.name: _may_decline,
    RequestInfo.name: reviewing.may_request_info,
    Approve.name: reviewing.may_approve,
    Reject.name: reviewing.may_reject,
    Assign.name: operating.may_assign,
    Extend.name: operating.may_extend,
    Bounced.name: operating.may_bounce,
}
_DEEDS: Mapping[str, Callable[[Debtor, Any, datetime], Deed]] = {
    Edit.name: editing.edit,
    AddEvidence.name: editing.add_evidence,
    Submit.name: _submit,
    Withdraw.name: _withdraw,
    Comment.name: _comment,
    Dispute.name: _dispute,
    Disassociate.name: _disassociate,
    Decline.name: _decline,
    StartReview.name: reviewing.start_review,
    RequestInfo.name: reviewing.request_info,
    Approve.name: reviewing.approve,
    Reject.name: reviewing.reject,
    Assign.name: operating.assign,
    Extend.name: operating.extend,
    Retry.name: operating.retry,
    Bounced.name: operating.bounced,
    EligibilityResult.name: operating.eligibility_result,
}
