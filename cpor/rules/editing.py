"""What the partner changes about a claim: its fields and its proof files."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any

from pydantic import BaseModel

from cpor.rules import consent
from cpor.rules.actions import Deed, plain
from cpor.rules.debtor import Debtor
from cpor.rules.errors import Invalid, Problem, Refused
from cpor.rules.facts import (
    MOST_FILES,
    EvidenceFile,
    FileReference,
    NamedProduct,
    Product,
    fit_of_activity,
    fit_of_contacts,
    fit_of_evidence,
    fit_of_products,
)
from cpor.rules.messages import AddEvidence, Changes, Edit

NOTHING_NOW = "nothing can be changed unless a reviewer asks for more; a comment can be written"


def may_edit(claim: Debtor, message: Edit) -> None:
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


def _misfits(claim: Debtor, changes: Changes) -> list[Problem]:
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
    """A contact is edited beside the customer, not inside, unless both are new."""
    return field if "customer" in edited else field.removeprefix("customer.")


def edit(claim: Debtor, message: Edit, now: datetime) -> Deed:
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
    consent.contacts_changed(claim, changes.keys(), now)
    if not changes:
        return Deed("Nothing was different; nothing is changed.", "", tells=False)
    return Deed(
        f"Changed: {', '.join(changes)}.{_not_sent(claim)}",
        f"changed {', '.join(changes)}",
        changes,
    )


# `customer` comes first: a contact sent beside it is meant for the new customer.
_EDITABLE = (
    "name", "program", "activity", "customer", "mpn_id", "products",
    "customer_contact", "technical_contact", "partner_contact",
)  # fmt: skip


def _holder(claim: Debtor, name: str) -> tuple[BaseModel, str]:
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


def may_add_evidence(claim: Debtor, message: AddEvidence) -> None:
    if "evidence" not in claim.editable:
        raise Refused(
            "not_editable", f"no evidence may be added in {claim.status.value}; {NOTHING_NOW}"
        )
    may_have_files(claim, message.evidence)


def may_have_files(claim: Debtor, files: list[FileReference]) -> None:
    if found := list(fit_of_evidence(files)):
        raise Invalid(found)
    known = {file.sha256 for file in claim.evidence}
    total = len(known | {file.sha256 for file in files})
    if total > MOST_FILES:
        raise Refused(
            "too_much",
            f"at most {MOST_FILES} files a claim; this would make {total}, so send fewer",
        )


def add_evidence(claim: Debtor, message: AddEvidence, now: datetime) -> Deed:
    if not add_files(claim, message.evidence, now):
        return Deed("These files are here already; nothing is changed.", "", tells=False)
    names = ", ".join(file.name for file in message.evidence)
    text = f"added {names}" + (f": {message.comment}" if message.comment else "")
    hashes = [file.sha256 for file in message.evidence]
    answer = f"Added: {names}.{_not_sent(claim)}"
    return Deed(answer, text, {"evidence": [None, hashes]})


def add_files(claim: Debtor, files: list[FileReference], now: datetime) -> bool:
    """Whether any was new. A file sent again after it was missing or changed is."""
    places = {file.sha256: place for place, file in enumerate(claim.evidence)}
    known = {file.sha256 for file in claim.evidence if file.is_there}
    fresh = [EvidenceFile(**each.model_dump()) for each in files if each.sha256 not in known]
    for file in fresh:
        if file.sha256 in places:
            claim.evidence[places[file.sha256]] = file
        else:
            claim.evidence.append(file)
    claim.owe_seal(now)
    return bool(fresh)


def _not_sent(claim: Debtor) -> str:
    waits = claim.waiting_for == "partner" and claim.consent == "none"
    return " It reaches the reviewers when you submit." if waits else ""
