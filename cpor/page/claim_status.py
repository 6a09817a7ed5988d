"""Where a claim stands for whoever holds a link to it, and how that person's no is passed on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal

from cpor.client.client import ClaimsClient
from cpor.client.errors import ClaimClosed, MessageRefused, PortalError
from cpor.links import Invitation
from cpor.rules.customer import decline_id
from cpor.rules.editions import edition
from cpor.rules.lifecycle import Status
from cpor.rules.messages import Receipt
from cpor.rules.views import ClaimView, ClockView
from cpor.store import StoreError

Kind = Literal["open", "noted", "older", "told", "unkept", "over", "declined", "ended"]


@dataclass(frozen=True)
class Standing:
    """`older`, `told`, `unkept`: a newer notice has replaced this one, and reviewers may, do, or
    cannot know of this no."""

    kind: Kind
    claim: ClaimView
    clock: ClockView | None
    """The window, running or over."""
    receipt: Receipt | None

    @property
    def is_official(self) -> bool:
        return self.claim.status is Status.APPROVED and self.claim.consent == "lapsed"

    @property
    def is_over(self) -> bool:
        """Whether a no by any link comes too late."""
        return not _is_open(self.claim)

    @property
    def counts_later(self) -> bool:
        """Whether a no counts after the window, too."""
        return _counts_later(self.claim)


async def look(claims: ClaimsClient, invitation: Invitation) -> Standing:
    """It only asks, and changes nothing."""
    claim, clocks, receipt = await claims.standing(
        invitation.claim_id, decline_id(invitation.notice_id)
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
        return _unkept(await _seen(claims, invitation))
    return await _seen(claims, invitation) if isinstance(answer, Receipt) else None


async def _seen(claims: ClaimsClient, invitation: Invitation) -> Standing | None:
    """What is said by now is said, whether it can be looked at or not."""
    try:
        return await look(claims, invitation)
    except (PortalError, StoreError):
        return None


def _unkept(standing: Standing | None) -> Standing | None:
    """A claim keeps so many refusals and no more."""
    if standing is not None and standing.kind == "older":
        return replace(standing, kind="unkept")
    return standing


def _decline(invitation: Invitation, note: str) -> dict[str, Any]:
    return {
        "id": decline_id(invitation.notice_id),
        "by": {"role": "customer", "id": invitation.contact},
        "notice_id": invitation.notice_id,
        **({"note": note} if note else {}),
    }


def _kind(claim: ClaimView, invitation: Invitation, receipt: Receipt | None) -> Kind:
    if receipt is not None and receipt.outcome == "accepted" and claim.consent == "declined":
        return "noted"
    if claim.status is not Status.APPROVED:
        return "declined" if claim.consent == "declined" else "ended"
    asked = claim.asked.get(invitation.contact)
    if asked is not None and asked.notice_id != invitation.notice_id:
        return "told" if receipt is not None else "older"
    return "open" if _is_open(claim) else "over"


def _is_open(claim: ClaimView) -> bool:
    return claim.consent in ("pending", "held") or _counts_later(claim)


def _counts_later(claim: ClaimView) -> bool:
    return claim.edition is not None and edition(claim.edition).decline_after_consent
