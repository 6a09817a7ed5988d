"""The receipts of a claim: one for each message, the same for the same message again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

from cpor.rules import customer
from cpor.rules.bookkeeping import note
from cpor.rules.debt import Occurrence
from cpor.rules.debts import settle
from cpor.rules.effects import consent
from cpor.rules.errors import Invalid, Problem, Refused, shortened
from cpor.rules.history import CLAIM_ITSELF, REVIEWERS
from cpor.rules.messages import Decline, Receipt, digest_of, id_in, sender_in
from cpor.rules.proof import Verdict
from cpor.rules.state import Answer, State
from cpor.rules.transitions import happens, row_of

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
    claim: State,
    name: str,
    payloads: Sequence[object],
    refusal: Refused,
    now: datetime,
    proof: Verdict | None = None,
) -> Receipt:
    """The sender of a signal gets no answer, so the refusal is kept in the history.

    What nobody signed takes no id away from whom it belongs to, and is no customer's no.
    """
    proven = refusal.code != "unsigned"
    sent = id_in(payloads) if proven else None
    if sent is not None and (first := claim.receipts.get(sent)):
        if first.digest == digest_of(name, payloads):
            return first.receipt
        sent = None
    void: Mapping[str, str | None] = {}
    if proven:
        void = customer.void_no(claim, name, payloads, refusal)
    if customer.is_decline_id(sent) and not void:
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
        {"message": shortened(name, 40), "code": refusal.code, "id": receipt.id, **void},
        REVIEWERS,
        proof,
    )
    if void:
        over = row_of(claim, Decline.name, "customer") is None
        facts = {"void": True, "over": over, **void}
        happens(claim, Occurrence(consent.VOID_NO, "older link", facts), now)
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
