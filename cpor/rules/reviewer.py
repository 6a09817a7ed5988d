"""What reviewers say: they start, ask for more, approve, reject. A dispute needs a second one."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from cpor.rules import association, catalogue, contacts, rivalry
from cpor.rules.action import Action, plain
from cpor.rules.bookkeeping import reject as write_rejection
from cpor.rules.disputes import decide_dispute
from cpor.rules.doubts import is_by_older_links, is_objected, open_doubts, stops_the_clock
from cpor.rules.effects import award, consent
from cpor.rules.effects.hand_off import is_recalled
from cpor.rules.effects.notice import forget_unsent
from cpor.rules.errors import Invalid, Problem, Refused
from cpor.rules.four_eyes import check_reviewer
from cpor.rules.history import EVERYBODY, REVIEWERS, Ground, Question
from cpor.rules.lifecycle import Status
from cpor.rules.messages import (
    Approve,
    ConfirmContact,
    EndAssociation,
    KeepAssociation,
    Reason,
    Reject,
    Request,
    RequestInfo,
    StartReview,
)
from cpor.rules.state import State


def _has_seen(claim: State, seen: int | None) -> None:
    if seen is None:
        return
    last = len(claim.history)
    if seen > last:
        raise Invalid([Problem("seen", f"must be at most {last}, the history's last entry")])
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
    if not claim.has_proof:
        is_there = any(file.is_there for file in claim.evidence)
        unread = "no proof file can be read: the partner was told, and has to add another"
        lost = "no proof file is there: all are missing, were changed or were withdrawn"
        raise Refused("nothing_to_review", unread if is_there else lost)
    if rivalry.lacks_new_proof(claim):
        no = rivalry.noes(claim)[0]
        raise Refused(
            "new_proof_needed",
            f"the customer said no to {no.claim_id} of the same partner on {no.at:%d %b %Y}, and "
            "all proof of this claim was there then; ask for new proof, or reject",
        )
    holders = rivalry.holders(claim)
    if holders and not message.displace:
        raise Refused(
            "held_by_rival",
            f"{', '.join(holders)} holds an item of this claim; reject, wait until it is free, or "
            "approve with displace and a note that says why",
        )


def approve(claim: State, message: Approve, now: datetime) -> Action:
    claim.reviewer = message.by.id
    claim.approved_at, claim.consent = now, "pending"
    claim.reasons, claim.rejection_note = [], None
    claim.proof_unchecked = any(file.state == "received" for file in claim.evidence)
    decide_dispute(claim)
    association.begin_anew(claim)
    award.ask(claim, rivalry.holders(claim) if message.displace else [], now)
    if message.contacts_confirmed:
        contacts.confirm(claim, *contacts.told(claim))
    return Action(
        _approved(claim),
        "approved the claim",
        sight=REVIEWERS if claim.awaits_award else EVERYBODY,
        internal=message.note,
        facts={"outcome": "approved"},
    )


def _approved(claim: State) -> str:
    if who := " and ".join(contacts.unconfirmed(claim)).replace("_", " "):
        return f"Approved. The customer is told once you have confirmed the {who}."
    if claim.awaits_award:
        return "Approved. Customer and partner are told once the claim has its items."
    return "Approved. The customer is being told."


def check_confirm_contact(claim: State, message: ConfirmContact) -> None:
    _has_seen(claim, message.seen)
    if message.contact not in contacts.told(claim):
        raise Invalid([Problem("contact", f"this claim has no {message.contact} who is told")])


def confirm_contact(claim: State, message: ConfirmContact, now: datetime) -> Action:
    who = message.contact.replace("_", " ")
    if message.contact not in contacts.unconfirmed(claim):
        return Action("It needs no confirmation; nothing is changed.", "", follows=False)
    contacts.confirm(claim, message.contact)
    if not contacts.unconfirmed(claim):
        forget_unsent(claim, "confirm_contact")
    return Action(
        f"Confirmed: the customer's {who}.",
        f"confirmed the customer's {who}",
        sight=REVIEWERS,
    )


def end_association(claim: State, message: EndAssociation, now: datetime) -> Action:
    why = Ground(reason="association_ended", note=message.reason)
    was_official, was_objected = claim.is_official, is_objected(claim)
    former = is_by_older_links(claim)
    _answer(claim, "ended", message.reason, now)
    if was_official:
        association.end(claim, why, now)
    else:
        write_rejection(claim, [why])
    if was_objected:
        claim.consent = "declined"
    return Action(
        "Ended. Customer and partner are told.",
        f"ended the association: {message.reason}",
        sight=EVERYBODY,
        facts={
            "reason": message.reason,
            "objected": was_objected,
            "by_older_link": former,
            "final": claim.rules_in_force.leads_to[message.name] is Status.REJECTED_FINAL,
            "recalled": was_official and is_recalled(claim),
        },
    )


def keep_association(claim: State, message: KeepAssociation, now: datetime) -> Action:
    """Where the customer's time stood still, it begins anew in full with new notices."""
    stood_still, was_objected = stops_the_clock(claim), is_objected(claim)
    former = is_by_older_links(claim)
    _answer(claim, "kept", message.reason, now)
    if stood_still and claim.consent_is_open:
        consent.ask(claim, contacts.told(claim), now)
    return Action(
        "Kept. The customer is told." if was_objected else "Kept.",
        f"kept the association: {message.reason}",
        sight=EVERYBODY if was_objected else REVIEWERS,
        facts={"reason": message.reason, "by_older_link": former},
    )


def _answer(claim: State, answer: Literal["kept", "ended"], reason: str, now: datetime) -> None:
    for doubt in open_doubts(claim):
        doubt.answer, doubt.reason, doubt.answered_at = answer, reason, now
    forget_unsent(claim, "objected", "doubted")


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
