"""The receipts of a claim: one for each message, the same for the same message again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from pydantic_core import to_json

from cpor.rules.bookkeeping import note
from cpor.rules.debts import settle
from cpor.rules.envelope import id_in, key_of, role_in, sender_in
from cpor.rules.errors import Invalid, Problem, Refused, shortened
from cpor.rules.facts import Role
from cpor.rules.history import CLAIM_ITSELF, REVIEWERS
from cpor.rules.messages import Receipt
from cpor.rules.own_ids import is_own
from cpor.rules.proof import Verdict
from cpor.rules.room import ROOM_FOR_REFUSALS, Room
from cpor.rules.sameness import digest_of
from cpor.rules.state import Answer, State


def known(claim: State, name: str, payloads: Sequence[object]) -> Receipt | None:
    """What this very message was answered before; another one under its id is refused."""
    answer = claim.receipts.get(key_of(role_in(payloads), id_in(payloads) or ""))
    if answer is None:
        return None
    if answer.digest != digest_of(name, payloads):
        raise Invalid([Problem("id", "was used before for another message; use a new one")])
    first = answer.receipt
    if first.code is not None:
        raise Refused(first.code, first.text)
    return first


def accepted(
    claim: State, name: str, payloads: Sequence[object], text: str, now: datetime
) -> Receipt:
    role = role_in(payloads)
    receipt = Receipt(
        id=id_in(payloads) or _next_id(claim, role),
        role=role,
        outcome="accepted",
        text=text,
        status=claim.status,
        at=now,
    )
    return _keep(claim, receipt, digest_of(name, payloads))


def refused(
    claim: State,
    room: Room,
    name: str,
    payloads: Sequence[object],
    refusal: Refused,
    now: datetime,
    proof: Verdict | None = None,
) -> Receipt:
    """The sender of a signal gets no answer, so the refusal is kept in the history.

    What nobody signed takes no id away from whom it belongs to.
    """
    proven, role = refusal.code != "unsigned", role_in(payloads)
    sent = id_in(payloads) if proven else None
    if sent is not None and (first := claim.receipts.get(key_of(role, sent))):
        if first.digest == digest_of(name, payloads):
            return first.receipt
        sent = None
    if is_own(sent):
        # Under it, the real one may yet come.
        sent = None
    receipt = Receipt(
        id=sent or _next_id(claim, role),
        role=role,
        outcome="refused",
        code=refusal.code,
        text=shortened(refusal.text, 1000),
        status=claim.status,
        at=now,
    )
    if claim.room_of_refusals > ROOM_FOR_REFUSALS:
        claim.unkept += 1
        return receipt
    before = room.used
    note(
        claim,
        "refused",
        f"{shortened(name, 40)}: {receipt.text}",
        sender_in(payloads, claim.rules) or CLAIM_ITSELF,
        now,
        {"message": shortened(name, 40), "code": refusal.code, "id": receipt.id},
        REVIEWERS,
        proof,
    )
    _keep(claim, receipt, digest_of(name, payloads))
    room.changed()
    claim.room_of_refusals += room.used - before
    settle(claim, now)
    room.changed()
    return receipt


def _keep(claim: State, receipt: Receipt, digest: str) -> Receipt:
    name, answer = key_of(receipt.role, receipt.id), Answer(receipt=receipt, digest=digest)
    claim.receipts[name] = answer
    claim.room_kept += len(to_json(name)) + len(answer.model_dump_json().encode()) + len(":,")
    return receipt


def _next_id(claim: State, role: Role | None) -> str:
    claim.unnamed += 1
    while key_of(role, made := f"unnamed-{claim.unnamed}") in claim.receipts:
        claim.unnamed += 1
    return made
