"""What the vendor's portal is told, so that it does not have to poll.

It hears of each change of a claim, and from when and until when an association counts. Whether it
wants to hear is asked with the rules; what changes before they are pinned is owed, and waits.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel

from cpor.rules.bookkeeping import cross_off, next_id, owe
from cpor.rules.debt import KEPT_AFTER_THE_END, plain
from cpor.rules.effects.events import Delivery, Event
from cpor.rules.state import AT_FIRST, State

CHANGED = "cpor.claim.changed"
OFFICIAL = "cpor.association.official"
ENDED = "cpor.association.ended"


class News(BaseModel):
    type: str
    data: Mapping[str, Any]


class EventDebt(Delivery):
    activity = "send_event"

    kind: Literal["event"] = "event"
    facts: News

    @property
    def label(self) -> str:
        return "event → portal"

    @property
    def counted_as(self) -> str:
        return self.kind

    def must_wait(self, claim: State) -> bool:
        """The portal hears of one change after the other, once it is known that it wants to."""
        return claim.has_portal is None or self is not _news(claim)[0]

    def payment(self, claim: State, run: str) -> Event:
        return Event(
            id=self.id,
            type=self.facts.type,
            subject=claim.claim_id,
            time=self.since,
            data=self.facts.data,
        )

    def taken(self, claim: State, at: datetime, now: datetime) -> None:
        """Nothing follows."""

    def park(self, claim: State, answer: str, now: datetime) -> None:
        super().park(claim, answer, now)
        claim.portal_refused_at = claim.portal_refused_at or now

    def given_up_at(self, claim: State) -> datetime | None:
        """The events wait for each other, so they all have the same time."""
        refused_at = claim.portal_refused_at or self.parked_at
        if refused_at is None or claim.ended_at is None:
            return None
        return max(claim.ended_at, refused_at) + KEPT_AFTER_THE_END


def owe_changes(claim: State, now: datetime) -> None:
    """Owe the portal an event where it would see something else than it was told."""
    if claim.has_portal is False or claim.awaits_award:
        return
    seen = (claim.status.value, claim.consent, claim.eligibility)
    if seen == claim.portal_knows:
        return
    claim.portal_knows = seen
    status, consent, eligibility = seen
    data = {"status": status, "consent": consent, "eligibility": eligibility}
    _owe(claim, "changed", CHANGED, {**data, "seq": len(claim.history)}, now)


def owe_association(claim: State, kind: str, at: datetime, now: datetime) -> None:
    """The portal opens and closes usage data by this."""
    if claim.has_portal is not False:
        data = {
            "tenant_id": claim.customer.tenant_id,
            "mpn_id": claim.partner.mpn_id,
            "products": [product.model_dump() for product in claim.products],
            "at": at,
        }
        _owe(claim, kind.rpartition(".")[2], kind, data, now)


def wants_news(claim: State, wanted: bool) -> None:
    """It is known now whether the portal wants to be told; if not, nothing is owed to it."""
    claim.has_portal = wanted
    if not wanted:
        cross_off(claim, *_news(claim))
        claim.portal_knows = AT_FIRST


def is_waiting(claim: State) -> bool:
    """News wait until it is known whether anybody wants them."""
    return claim.has_portal is None and bool(_news(claim))


def _news(claim: State) -> list[EventDebt]:
    return [debt for debt in claim.debts if isinstance(debt, EventDebt)]


def _owe(claim: State, name: str, kind: str, data: Mapping[str, Any], now: datetime) -> None:
    facts = News(type=kind, data=plain({"claim_id": claim.claim_id, **data}))
    owe(claim, EventDebt(id=next_id(claim, name), since=now, facts=facts))
