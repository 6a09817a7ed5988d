"""What the holder of a link may know of the claim, and how a no is sent to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from cpor.client.client import ClaimsClient
from cpor.client.errors import ClaimClosed, EngineUnreachable, MessageRefused, NoAnswer, PortalError
from cpor.links import Invitation
from cpor.page.kept_noes import KeptNoes
from cpor.rules.doubts import Doubt
from cpor.rules.lifecycle import Status
from cpor.rules.messages import Receipt
from cpor.rules.own_ids import decline_id
from cpor.rules.views import ClaimView, ClockView, may_be_declined
from cpor.store import StoreError

State = Literal[
    "open",
    "noted",
    "declined",
    "ended",
    "late",
    "objected",
    "kept",
    "replaced",
]
"""`noted`: the no that came by this link has ended the claim. `late`: the time is over. `replaced`:
a newer notice holds a newer link. A no by one of these two is `objected` until a reviewer answers;
then it is ended, or `kept`."""


@dataclass(frozen=True)
class ClaimStatus:
    state: State
    claim: ClaimView
    clock: ClockView | None
    """The time to decline, running or over."""
    receipt: Receipt | None
    """The answer to the no that came by this link."""

    doubt: Doubt | None = None
    """The no that came by this link, where a reviewer has to answer it."""

    @property
    def is_official(self) -> bool:
        return self.claim.status is Status.APPROVED and self.claim.consent == "lapsed"


async def read(claims: ClaimsClient, invitation: Invitation) -> ClaimStatus:
    """Changes nothing."""
    found = await claims.overview(invitation.claim_id, decline_id(invitation.notice_id), "customer")
    claim, receipt = found.claim, found.receipt
    window = [clock for clock in found.deadlines if clock.clock == "consent"]
    said = [doubt for doubt in claim.doubts if doubt.notice_id == invitation.notice_id]
    doubt = said[-1] if said else None
    return ClaimStatus(
        _state(claim, invitation, receipt, doubt),
        claim,
        window[-1] if window else None,
        receipt,
        doubt,
    )


async def decline(
    claims: ClaimsClient, noes: KeptNoes, invitation: Invitation, note: str
) -> ClaimStatus | None:
    """The status afterwards. None: the no is kept, but no worker has answered it yet."""
    claim_id = invitation.claim_id
    message = claims.signed(
        claim_id,
        "decline",
        {
            "id": decline_id(invitation.notice_id),
            "by": {"role": "customer", "id": invitation.contact},
            "notice_id": invitation.notice_id,
            **({"note": note} if note else {}),
        },
    )
    kept = await noes.keep(invitation, message)
    try:
        answer = await claims.pass_on(claim_id, "decline", message)
    except (EngineUnreachable, NoAnswer):
        if not kept:
            raise
        noes.pass_on(claim_id, invitation.notice_id, message)
        return None
    except (MessageRefused, ClaimClosed):
        status = await read(claims, invitation)
        if status.state == "open":
            raise
        return status
    if not isinstance(answer, Receipt):
        noes.counted.count("sent")
        return None
    noes.counted.count("answered")
    return await _read_if_possible(claims, invitation)


async def _read_if_possible(claims: ClaimsClient, invitation: Invitation) -> ClaimStatus | None:
    """The no has been sent already, so an error here must not look as if it had not."""
    try:
        return await read(claims, invitation)
    except (PortalError, StoreError):
        return None


def _state(
    claim: ClaimView, invitation: Invitation, receipt: Receipt | None, doubt: Doubt | None
) -> State:
    if receipt is not None and receipt.outcome == "accepted" and claim.consent == "declined":
        return "noted"
    if claim.status is not Status.APPROVED:
        return "declined" if claim.consent == "declined" else "ended"
    if doubt is not None:
        return "objected" if doubt.answer is None else "kept"
    asked = claim.asked.get(invitation.contact)
    if asked is not None and asked.notice_id != invitation.notice_id:
        return "replaced"
    return "open" if may_be_declined(claim) else "late"
