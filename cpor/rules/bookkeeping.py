"""The smallest changes of a claim: an entry in its history, a debt owed, a debt crossed off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from cpor.rules.facts import By
from cpor.rules.history import BOTH_SIDES, ROLE_NOT_CHECKED, Entry, Ground, Sight
from cpor.rules.messages import Decline
from cpor.rules.proof import Verdict
from cpor.rules.state import State

if TYPE_CHECKING:
    from cpor.rules.debt import Debt
    from cpor.rules.debts import AnyDebt


def note(
    claim: State,
    what: str,
    text: str,
    by: By,
    now: datetime,
    changes: Mapping[str, Any] | None = None,
    sight: tuple[Sight, ...] = BOTH_SIDES,
    proof: Verdict | None = None,
) -> None:
    """Add an entry to the history."""
    entry = Entry(
        seq=len(claim.history) + 1,
        at=now,
        by=by,
        what=what,
        text=text,
        changes=changes or {},
        remark="; ".join(_unchecked(by, proof)) or None,
        signed_by=proof.signed_by if proof else None,
        sight=sight,
        before=claim.history[-1].hash if claim.history else None,
    )
    claim.history.append(entry)
    if what == Decline.name:
        claim.last_no = entry.seq
    claim.room_kept += len(entry.model_dump_json().encode()) + len(",")


def _unchecked(by: By, proof: Verdict | None) -> Iterator[str]:
    if by.role == "partner" and not by.partner_role:
        yield ROLE_NOT_CHECKED
    if proof and proof.remark:
        yield proof.remark


def next_id(claim: State, name: str, recipient: str = "") -> str:
    """The id of the next effect of this name: claim, name and round, so that it is never random."""
    counter = f"{name}.{recipient}" if recipient else name
    claim.rounds[counter] = claim.rounds.get(counter, 0) + 1
    return f"{claim.claim_id}.{name}.{claim.rounds[counter]}"


def owe(claim: State, debt: AnyDebt) -> None:
    claim.debts.append(debt)


def cross_off(claim: State, *debts: Debt[Any]) -> None:
    """They are paid, or wanted no more."""
    if not debts:
        return
    ids = {debt.id for debt in debts}
    claim.debts = [debt for debt in claim.debts if debt.id not in ids]


def reject(claim: State, reasons: list[Ground], note: str | None = None) -> None:
    claim.reasons, claim.rejection_note, claim.requests = reasons, note, []
