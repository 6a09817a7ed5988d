"""What the partner says: edits and proof, submission and answer, withdrawal, dispute, the end.

Each message has a check, which raises `Refused` and changes nothing, and what it does. Status,
clocks and notices follow from the lifecycle table.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from cpor.rules import association, contacts
from cpor.rules.action import Action, plain
from cpor.rules.bookkeeping import reject
from cpor.rules.changes import Changes
from cpor.rules.differences import in_words
from cpor.rules.disputes import decide_dispute
from cpor.rules.effects import consent, directory, enter
from cpor.rules.effects.evidence import add_files, look_again
from cpor.rules.effects.hand_off import is_recalled
from cpor.rules.effects.notice import forget_unsent
from cpor.rules.errors import Invalid, Problem, Refused
from cpor.rules.facts import (
    MOST_FILES,
    NO_PROOF,
    EvidenceFile,
    FileReference,
    NamedProduct,
    Product,
    fit_of_activity,
    fit_of_contacts,
    fit_of_evidence,
    fit_of_products,
)
from cpor.rules.history import BOTH_SIDES, EVERYBODY, Ground
from cpor.rules.lifecycle import Status
from cpor.rules.messages import (
    AddEvidence,
    Disassociate,
    Dispute,
    Edit,
    Submit,
    Withdraw,
    WithdrawEvidence,
)
from cpor.rules.state import Dispute as OpenDispute
from cpor.rules.state import State

NOTHING_NOW = "nothing can be changed unless a reviewer asks for more; a comment can be written"


def check_edit(claim: State, message: Edit) -> None:
    editable = claim.editable
    if barred := sorted(message.changes.model_fields_set - set(editable)):
        can = f"now only {', '.join(editable)}" if editable else NOTHING_NOW
        raise Refused(
            "not_editable", f"{', '.join(barred)} cannot be edited in {claim.status.value}; {can}"
        )
    if found := _misfits(claim, message.changes):
        edited = message.changes.model_fields_set
        raise Invalid(
            [Problem(f"changes.{_as_edited(each.field, edited)}", each.text) for each in found]
        )


def _misfits(claim: State, changes: Changes) -> list[Problem]:
    """What would be wrong about the claim with these changes made."""
    program = changes.program or claim.program
    named = changes.products
    if named is None:
        named = [
            NamedProduct.model_construct(name=each.name, subscription_id=each.subscription_id)
            for each in claim.products
        ]
    customer = changes.customer or claim.customer
    if "technical_contact" in changes.model_fields_set:
        customer = customer.model_copy(update={"technical_contact": changes.technical_contact})
    return [
        *fit_of_activity(program, changes.activity or claim.activity),
        *fit_of_products(program, named),
        *fit_of_contacts(program, customer),
    ]


def _as_edited(field: str, edited: Collection[str]) -> str:
    """A contact is a field of its own, not part of the customer, unless both are new."""
    return field if "customer" in edited else field.removeprefix("customer.")


def edit(claim: State, message: Edit, now: datetime) -> Action:
    edits = message.changes
    changes: dict[str, Any] = {}
    for name in (each for each in _EDITABLE if each in edits.model_fields_set):
        holder, attribute = _holder(claim, name)
        before, after = getattr(holder, attribute), getattr(edits, name)
        if name == "products":
            after = [Product.of(each) for each in edits.products or []]
        if before != after:
            setattr(holder, attribute, after)
            changes[name] = [plain(before), plain(after)]
    if "mpn_id" in changes or "partner" in changes:
        claim.listed_name = None
        claim.listed_places.pop("partner", None)
    if "customer" in changes:
        claim.listed_places.pop("customer", None)
    consent.contacts_changed(claim, changes.keys(), now)
    directory.edited(claim, changes.keys(), now)
    enter.edited(claim, changes.keys(), now)
    if not changes:
        return Action("Nothing was different; nothing is changed.", "", follows=False)
    return Action(
        f"Changed: {', '.join(changes)}.{_not_sent(claim)}",
        f"changed {in_words(changes)}",
        changes,
    )


# `partner` and `customer` come first: a contact in the same message is meant for the new one.
_EDITABLE = (
    "name", "program", "activity", "partner", "customer", "mpn_id", "products",
    "customer_contact", "technical_contact", "partner_contact",
)  # fmt: skip


def _holder(claim: State, name: str) -> tuple[BaseModel, str]:
    """Where an edited field lives."""
    match name:
        case "mpn_id":
            return claim.partner, "mpn_id"
        case "partner_contact":
            return claim.partner, "contact"
        case "customer_contact":
            return claim.customer, "contact"
        case "technical_contact":
            return claim.customer, "technical_contact"
        case _:
            return claim, name


def check_add_evidence(claim: State, message: AddEvidence) -> None:
    _check_may(claim, "added")
    _check_files(claim, message.evidence)


def _check_may(claim: State, done: str) -> None:
    if "evidence" not in claim.editable:
        raise Refused(
            "not_editable", f"no evidence may be {done} in {claim.status.value}; {NOTHING_NOW}"
        )


def _check_files(claim: State, files: list[FileReference]) -> None:
    if found := list(fit_of_evidence(files)):
        raise Invalid(found)
    known = {file.sha256 for file in claim.evidence}
    total = len(known | {file.sha256 for file in files})
    if total > MOST_FILES:
        raise Refused(
            "too_much",
            f"at most {MOST_FILES} files a claim, withdrawn ones too; "
            f"this would make {total}, so send fewer",
        )


def add_evidence(claim: State, message: AddEvidence, now: datetime) -> Action:
    if not add_files(claim, message.evidence, now):
        return Action("These files are here already; nothing is changed.", "", follows=False)
    names = ", ".join(file.name for file in message.evidence)
    text = f"added {names}" + (f": {message.comment}" if message.comment else "")
    hashes = [file.sha256 for file in message.evidence]
    answer = f"Added: {names}.{_not_sent(claim)}"
    return Action(answer, text, {"evidence": [None, hashes]})


def check_withdraw_evidence(claim: State, message: WithdrawEvidence) -> None:
    _check_may(claim, "withdrawn")
    known = {file.sha256 for file in claim.evidence}
    unknown = [place for place, each in enumerate(message.evidence) if each not in known]
    if unknown:
        raise Invalid(
            [Problem(f"evidence.{place}", "is no file of this claim") for place in unknown]
        )
    is_left = any(file.counts and file.sha256 not in message.evidence for file in claim.evidence)
    if claim.status is Status.APPROVED and not is_left:
        raise Refused(
            "nothing_to_review",
            "the approval would rest on no proof file; add the right one, then withdraw this",
        )


def withdraw_evidence(claim: State, message: WithdrawEvidence, now: datetime) -> Action:
    taken_back = [file for file in _kept(claim) if file.sha256 in message.evidence]
    if not taken_back:
        return Action("Withdrawn already; nothing is changed.", "", follows=False)
    changes = {file.sha256: [file.state, "withdrawn"] for file in taken_back}
    for file in taken_back:
        file.state = "withdrawn"
    look_again(claim)
    names = ", ".join(file.name for file in taken_back)
    text = f"withdrew {names}" + (f": {message.comment}" if message.comment else "")
    answer = f"Withdrawn: {names}. It stays in the record and is not reviewed.{_not_sent(claim)}"
    return Action(answer, text, {"evidence": changes})


def _kept(claim: State) -> list[EvidenceFile]:
    return [file for file in claim.evidence if file.state != "withdrawn"]


def check_submit(claim: State, message: Submit) -> None:
    if not _kept(claim):
        raise Refused("nothing_to_review", NO_PROOF.text, [NO_PROOF])
    if all(file.verdict == "refused" for file in _kept(claim)):
        text = "no proof file can be read; add one that can be opened without a password"
        raise Refused("nothing_to_review", text, [Problem("evidence", text)])


def submit(claim: State, message: Submit, now: datetime) -> Action:
    answered = bool(claim.requests)
    claim.submitted_at = now
    if claim.first_submitted_at is None:
        claim.first_submitted_at = now
        contacts.submitted(claim)
    claim.requests = []
    enter.submitted_again(claim, now)
    text = "answered the request" if answered else "submitted the claim"
    return Action(
        "Sent. The reviewers are told.",
        text + (f": {message.comment}" if message.comment else ""),
        facts={
            "because": "answer" if answered else "submission",
            "answer": answered,
            "comment": message.comment,
        },
    )


def withdraw(claim: State, message: Withdraw, now: datetime) -> Action:
    decide_dispute(claim)
    reject(claim, [Ground(reason="partner_request", note=message.note)])
    return Action(
        "Withdrawn. Nothing more happens to this claim.",
        f"withdrew the claim ({message.reason})" + (f": {message.note}" if message.note else ""),
        {"reason": [None, message.reason]},
        EVERYBODY if claim.customer_was_asked else BOTH_SIDES,
        facts={"reason": message.reason, "note": message.note},
    )


def check_dispute(claim: State, message: Dispute) -> None:
    _check_files(claim, message.evidence)
    known = {file.sha256 for file in claim.evidence if file.is_there}
    if message.justification is None and known >= {file.sha256 for file in message.evidence}:
        raise Invalid([Problem("evidence", "is here already; add something new, or say why")])


def dispute(claim: State, message: Dispute, now: datetime) -> Action:
    claim.dispute = OpenDispute(not_by=claim.judge, justification=message.justification)
    claim.reviewer = None
    add_files(claim, message.evidence, now)
    forget_unsent(claim, "rejected")
    claim.submitted_at = now
    enter.submitted_again(claim, now)
    hashes = [file.sha256 for file in message.evidence]
    return Action(
        "Noted. A second reviewer decides.",
        "disputed the rejection" + (f": {message.justification}" if message.justification else ""),
        {"evidence": [None, hashes]} if hashes else {},
        facts={
            "because": "dispute",
            "justification": message.justification,
            "files_added": len(hashes),
        },
    )


def disassociate(claim: State, message: Disassociate, now: datetime) -> Action:
    association.end(claim, Ground(reason="disassociated", note=message.reason), now)
    return Action(
        "Ended. The customer is told, and what was handed on is recalled.",
        f"ended the association: {message.reason}",
        sight=EVERYBODY,
        facts={
            "reason": message.reason,
            "final": claim.rules_in_force.leads_to[message.name] is Status.REJECTED_FINAL,
            "recalled": is_recalled(claim),
        },
    )


def _not_sent(claim: State) -> str:
    waits = claim.waiting_for == "partner" and claim.consent == "none"
    return " It reaches the reviewers when you submit." if waits else ""
