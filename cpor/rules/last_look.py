"""A claim as it was when a reviewer last said something: what is different now is new to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from cpor.rules.history import Entry
from cpor.rules.proof_sheet import Claimed
from cpor.rules.state import State


def reviewed_at(history: Sequence[Entry]) -> datetime | None:
    """When a reviewer last said something. What was refused may be from anybody."""
    found = (entry.at for entry in reversed(history) if _is_of_a_reviewer(entry))
    return next(found, None)


def claimed_before(claim: State) -> Claimed | None:
    """What was claimed then; None where nobody has looked yet, or it is still the same."""
    edits: list[Entry] = []
    for entry in reversed(claim.history):
        if _is_of_a_reviewer(entry):
            return _taken_back(claim, edits, entry.at) if edits else None
        if entry.what == "edit":
            edits.append(entry)
    return None


def _taken_back(claim: State, edits: Sequence[Entry], last_look: datetime) -> Claimed | None:
    """Without these edits, the last one first."""
    submitted = claim.submitted_at or last_look
    now = Claimed.of(claim.partner, claim.customer, claim.products, submitted.date())
    then: dict[str, Any] = now.model_dump()
    for edit in edits:
        then |= _without(edit.changes)
    before = Claimed.model_validate(then)
    return None if before == now else before


def _without(changes: Mapping[str, Sequence[Any]]) -> Mapping[str, Any]:
    """What an edit has changed, as it was before."""
    before = {field: was for field, (was, _) in changes.items()}
    undone = {field: before[field] for field in ("products", "mpn_id") if field in before}
    if partner := before.get("partner"):
        undone |= {"partner": partner["name"], "mpn_id": partner["mpn_id"]}
    if customer := before.get("customer"):
        undone |= {"customer": customer["name"]}
        undone |= {field: customer[field] for field in ("domain", "tenant_id")}
    return undone


def _is_of_a_reviewer(entry: Entry) -> bool:
    return entry.by.role == "reviewer" and entry.what != "refused"
