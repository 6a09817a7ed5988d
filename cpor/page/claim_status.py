"""What the holder of a link may know of the claim, and how a no is sent to it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from cpor.client.client import ClaimsClient
from cpor.client.errors import ClaimClosed, MessageRefused, PortalError
from cpor.links import Invitation
from cpor.rules.editions import edition
from cpor.rules.lifecycle import Status
from cpor.rules.messages import Receipt
from cpor.rules.own_ids import decline_id
from cpor.rules.views import ClaimView, ClockView
from cpor.store import StoreError

State = Literal[
    "open",
    "noted",
    "declined",
    "ended",
    "too_late",
    "replaced",
    "replaced_reported",
    "replaced_unreported",
]
"""`noted`: the claim has accepted the no that came by this link. `replaced`: a newer notice holds a
newer link; a no by this one is only reported to the reviewers, if the claim has room for it."""


@dataclass(frozen=True)
class ClaimStatus:
    state: State
    claim: ClaimView
    clock: ClockView | None
    """The time to decline, running or over."""
    receipt: Receipt | None
    """The answer to the no that came by this link."""

    @property
    def is_official(self) -> bool:
        return self.claim.status is Status.APPROVED and self.claim.consent == "lapsed"


async def read(claims: ClaimsClient, invitation: Invitation) -> ClaimStatus:
    """Changes nothing."""
    found = await claims.overview(invitation.claim_id, decline_id(invitation.notice_id), "customer")
    claim, receipt = found.claim, found.receipt
    window = [clock for clock in found.deadlines if clock.clock == "consent"]
    return ClaimStatus(
        _state(claim, invitation, receipt), claim, window[-1] if window else None, receipt
    )


async def decline(claims: ClaimsClient, invitation: Invitation, note: str) -> ClaimStatus | None:
    """The status afterwards. None: the no is stored, but no worker has answered it yet."""
    message = {
        "id": decline_id(invitation.notice_id),
        "by": {"role": "customer", "id": invitation.contact},
        "notice_id": invitation.notice_id,
        **({"note": note} if note else {}),
    }
    try:
        answer = await claims.send(invitation.claim_id, "decline", message)
    except (MessageRefused, ClaimClosed):
        status = await read(claims, invitation)
        if status.state == "open":
            raise
        if status.state != "replaced":
            return status
        # A refused update leaves no trace; a refused signal does, and reviewers are notified.
        await claims.signal(invitation.claim_id, "decline", message)
        after = await _read_if_possible(claims, invitation)
        if after is not None and after.state == "replaced":
            # A claim keeps a limited number of refused messages.
            return replace(after, state="replaced_unreported")
        return after
    return await _read_if_possible(claims, invitation) if isinstance(answer, Receipt) else None


async def _read_if_possible(claims: ClaimsClient, invitation: Invitation) -> ClaimStatus | None:
    """The no has been sent already, so an error here must not look as if it had not."""
    try:
        return await read(claims, invitation)
    except (PortalError, StoreError):
        return None


def _state(claim: ClaimView, invitation: Invitation, receipt: Receipt | None) -> State:
    if receipt is not None and receipt.outcome == "accepted" and claim.consent == "declined":
        return "noted"
    if claim.status is not Status.APPROVED:
        return "declined" if claim.consent == "declined" else "ended"
    asked = claim.asked.get(invitation.contact)
    if asked is not None and asked.notice_id != invitation.notice_id:
        return "replaced_reported" if receipt is not None else "replaced"
    return "open" if is_open(claim) else "too_late"


def is_open(claim: ClaimView) -> bool:
    """Whether a no by the newest link is in time."""
    return claim.consent in ("pending", "held") or counts_later(claim)


def counts_later(claim: ClaimView) -> bool:
    """Whether a no counts after the time to decline, too."""
    return claim.edition is not None and edition(claim.edition).decline_after_consent
