"""Where a claim stands for whoever holds a link to it, and how that person's no is passed on."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import Any, Literal

from claims.editions import edition
from claims.lifecycle import Status
from claims.messages import Receipt
from claims.views import ClaimView, ClockView
from links import Invitation
from portal.client import ClaimsClient
from portal.errors import ClaimClosed, MessageRefused, PortalError

Kind = Literal["open", "noted", "older", "told", "over", "declined", "ended"]


@dataclass(frozen=True)
class Standing:
    """`older` and `told`: a newer notice has replaced this one, and reviewers may, or do, know."""

    kind: Kind
    claim: ClaimView
    clock: ClockView | None
    """The window, running or over."""
    receipt: Receipt | None

    @property
    def is_official(self) -> bool:
        return self.claim.status is Status.APPROVED and self.claim.consent == "lapsed"

    @property
    def counts_later(self) -> bool:
        """Whether a no counts after the window, too."""
        return _counts_later(self.claim)


async def look(claims: ClaimsClient, invitation: Invitation) -> Standing:
    """It only asks, and changes nothing."""
    claim, clocks, receipt = await asyncio.gather(
        claims.claim(invitation.claim_id),
        claims.deadlines(invitation.claim_id),
        claims.receipt(invitation.claim_id, _message_id(invitation)),
    )
    window = [clock for clock in clocks if clock.clock == "consent"]
    return Standing(
        _kind(claim, invitation, receipt), claim, window[-1] if window else None, receipt
    )


async def say_no(claims: ClaimsClient, invitation: Invitation, note: str) -> Standing | None:
    """How it stands after that. None: the no is kept, and no worker has answered it yet."""
    message = _decline(invitation, note)
    try:
        answer = await claims.send(invitation.claim_id, "decline", message)
    except (MessageRefused, ClaimClosed):
        standing = await look(claims, invitation)
        if standing.kind == "open":
            raise
        if standing.kind != "older":
            return standing
        # A refused update leaves nothing behind; a refused signal stays, and reviewers are told.
        await claims.signal(invitation.claim_id, "decline", message)
        return replace(standing, kind="told")
    if not isinstance(answer, Receipt):
        return None
    try:
        return await look(claims, invitation)
    except PortalError:
        return None


def _decline(invitation: Invitation, note: str) -> dict[str, Any]:
    return {
        "id": _message_id(invitation),
        "by": {"role": "customer", "id": invitation.contact},
        "notice_id": invitation.notice_id,
        **({"note": note} if note else {}),
    }


def _message_id(invitation: Invitation) -> str:
    """One for each notice: however often it is said, it is said once."""
    return f"decline.{invitation.notice_id}"


def _kind(claim: ClaimView, invitation: Invitation, receipt: Receipt | None) -> Kind:
    if receipt is not None and receipt.outcome == "accepted":
        return "noted"
    if claim.status is not Status.APPROVED:
        return "declined" if claim.consent == "declined" else "ended"
    asked = claim.asked.get(invitation.contact)
    if asked is not None and asked.notice_id != invitation.notice_id:
        return "told" if receipt is not None else "older"
    if claim.consent in ("pending", "held") or _counts_later(claim):
        return "open"
    return "over"


def _counts_later(claim: ClaimView) -> bool:
    return claim.edition is not None and edition(claim.edition).decline_after_consent
