"""What reviewers say: they start, ask for more, approve, reject. A dispute needs a second one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from cpor.rules import catalogue
from cpor.rules.action import Action, plain
from cpor.rules.bookkeeping import reject as write_rejection
from cpor.rules.disputes import decide_dispute
from cpor.rules.errors import Invalid, Problem, Refused
from cpor.rules.four_eyes import check_reviewer
from cpor.rules.history import EVERYBODY, Ground, Question
from cpor.rules.messages import Approve, Reason, Reject, Request, RequestInfo, StartReview
from cpor.rules.state import State


def _has_seen(claim: State, seen: int | None) -> None:
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


def _name_products_of(claim: State, grounds: list[Any], where: str) -> None:
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


def check_start_review(claim: State, message: StartReview) -> None:
    check_reviewer(claim, message.by.id)


def start_review(claim: State, message: StartReview, now: datetime) -> Action:
    claim.reviewer = message.by.id
    return Action("The review has begun.", "started the review")


def check_request_info(claim: State, message: RequestInfo) -> None:
    check_reviewer(claim, message.by.id)
    _has_seen(claim, message.seen)
    _name_products_of(claim, message.requests, "requests")


def request_info(claim: State, message: RequestInfo, now: datetime) -> Action:
    claim.reviewer = claim.judge = message.by.id
    claim.requests = [Question(**_with_name(each)) for each in message.requests]
    return Action(
        "Asked. The partner is told.",
        f"asked for more: {_listed(claim.requests)}",
        {"requests": [None, [plain(each) for each in claim.requests]]},
        facts={"requests": [each.model_dump(mode="json") for each in claim.requests]},
    )


def check_approve(claim: State, message: Approve) -> None:
    check_reviewer(claim, message.by.id)
    _has_seen(claim, message.seen)
    if not any(file.is_there for file in claim.evidence):
        raise Refused(
            "nothing_to_review", "no proof file is there: all are missing or were changed"
        )


def approve(claim: State, message: Approve, now: datetime) -> Action:
    claim.reviewer = message.by.id
    claim.approved_at, claim.consent = now, "pending"
    claim.reasons, claim.rejection_note = [], None
    decide_dispute(claim)
    return Action(
        "Approved. The customer is being told.",
        "approved the claim",
        sight=EVERYBODY,
        internal=message.note,
        facts={"outcome": "approved"},
    )


def check_reject(claim: State, message: Reject) -> None:
    check_reviewer(claim, message.by.id)
    _has_seen(claim, message.seen)
    _name_products_of(claim, message.reasons, "reasons")


def reject(claim: State, message: Reject, now: datetime) -> Action:
    claim.reviewer = claim.judge = message.by.id
    reasons = [Ground(**_with_name(each)) for each in message.reasons]
    if decide_dispute(claim):
        reasons.append(Ground(reason="dispute_lost"))
    write_rejection(claim, reasons, message.note)
    return Action(
        "Rejected. The partner is told.",
        f"rejected the claim: {_listed(claim.reasons)}"
        + (f". {message.note}" if message.note else ""),
        {"reasons": [None, [plain(each) for each in claim.reasons]]},
        facts={"outcome": "rejected"},
    )


def _with_name(ground: Request | Reason) -> dict[str, Any]:
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
