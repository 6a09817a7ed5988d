"""The receipts of a claim: one for each message, the same for the same message again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from cpor.rules import customer
from cpor.rules.bookkeeping import note
from cpor.rules.debts import settle
from cpor.rules.errors import Invalid, Problem, Refused, shortened
from cpor.rules.history import CLAIM_ITSELF, REVIEWERS
from cpor.rules.messages import Receipt, digest_of, id_in, sender_in
from cpor.rules.state import Answer, State

ROOM_FOR_REFUSALS = 128 * 1024
"""Beside all other room: what is refused takes none from what is taken."""


def known(claim: State, name: str, payloads: Sequence[object]) -> Receipt | None:
    """What this very message was answered before; another one under its id is refused."""
    answer = claim.receipts.get(id_in(payloads) or "")
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
    receipt = Receipt(
        id=id_in(payloads) or _next_id(claim),
        outcome="accepted",
        text=text,
        status=claim.status,
        at=now,
    )
    return _keep(claim, receipt, digest_of(name, payloads))


def refused(
    claim: State, name: str, payloads: Sequence[object], refusal: Refused, now: datetime
) -> Receipt:
    """The sender of a signal gets no answer, so the refusal is kept in the history."""
    sent = id_in(payloads)
    if sent is not None and (first := claim.receipts.get(sent)):
        if first.digest == digest_of(name, payloads):
            return first.receipt
        sent = None
    if customer.is_decline_id(sent):
        # Under it, the customer may yet say no.
        sent = None
    receipt = Receipt(
        id=sent or _next_id(claim),
        outcome="refused",
        code=refusal.code,
        text=shortened(refusal.text, 1000),
        status=claim.status,
        at=now,
    )
    if claim.room_of_refusals > ROOM_FOR_REFUSALS:
        claim.unkept += 1
        return receipt
    before = claim.room_taken
    note(
        claim,
        "refused",
        f"{shortened(name, 40)}: {receipt.text}",
        sender_in(payloads, claim.rules) or CLAIM_ITSELF,
        now,
        {"message": shortened(name, 40), "code": refusal.code, "id": receipt.id},
        REVIEWERS,
    )
    _keep(claim, receipt, digest_of(name, payloads))
    claim.room_of_refusals += claim.room_taken - before
    claim.room_taken = before
    settle(claim, now)
    return receipt


def _keep(claim: State, receipt: Receipt, digest: str) -> Receipt:
    claim.receipts[receipt.id] = Answer(receipt=receipt, digest=digest)
    claim.room_taken += 300 + len(receipt.text.encode())
    return receipt


def _next_id(claim: State) -> str:
    claim.unnamed += 1
    while (made := f"unnamed-{claim.unnamed}") in claim.receipts:
        claim.unnamed += 1
    return made
