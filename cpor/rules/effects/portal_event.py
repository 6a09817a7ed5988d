"""What the vendor's portal is told, so that it does not have to poll.

It hears of each change of a claim, and from when and until when an association counts. Whether it
wants to hear is asked with the rules; what changes before they are pinned is owed, and waits. All
news are kept, so that whoever missed them can ask for them.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from cpor.rules.bookkeeping import cross_off, next_id, owe
from cpor.rules.chain import hash_of
from cpor.rules.debt import KEPT_AFTER_THE_END, plain
from cpor.rules.effects import conflict
from cpor.rules.effects.events import ComparedEvent, Delivery, Event
from cpor.rules.news import News
from cpor.rules.state import State

CHANGED = "cpor.claim.changed"
OFFICIAL = "cpor.association.official"
ENDED = "cpor.association.ended"
DIGEST = 12
"""So many digits tell the contents of one round apart."""


class EventDebt(Delivery):
    activity = "send_event"

    kind: Literal["event"] = "event"

    @property
    def label(self) -> str:
        return "event → portal"

    @property
    def counted_as(self) -> str:
        return self.kind

    def must_wait(self, claim: State) -> bool:
        """The portal hears of one change after the other, once it is known that it wants to."""
        return claim.has_portal is None or self is not _untold(claim)[0]

    def payment(self, claim: State, run: str) -> Event:
        """What opens the customer's data to the partner is compared with the store before."""
        news = _of(claim, self)
        event = Event(
            id=self.id,
            type=news.type,
            subject=claim.claim_id,
            time=news.time,
            data=news.data,
        )
        if news.type != OFFICIAL:
            return event
        return ComparedEvent(**dict(event), known=conflict.known(claim))

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
    """News, where the portal would see something else than it was told."""
    is_known = (claim.status, claim.consent, claim.eligibility) == claim.portal_knows
    if is_known or claim.awaits_award:
        return
    seen = (claim.status.value, claim.consent, claim.eligibility)
    claim.portal_knows = seen
    status, consent, eligibility = seen
    data = {"status": status, "consent": consent, "eligibility": eligibility}
    _happened(claim, "changed", CHANGED, {**data, "seq": len(claim.history)}, now)


def owe_association(claim: State, kind: str, at: datetime, now: datetime) -> None:
    """The portal opens and closes usage data by this."""
    data = {
        "tenant_id": claim.customer.tenant_id,
        "mpn_id": claim.partner.mpn_id,
        "products": [product.model_dump() for product in claim.products],
        "at": at,
    }
    _happened(claim, kind.rpartition(".")[2], kind, data, now)


def never_official(claim: State) -> bool:
    """The portal has not been told that the association counts: it never will be. Was it so?"""
    untold = [
        debt for debt in _untold(claim) if not debt.begun and _of(claim, debt).type == OFFICIAL
    ]
    for debt in untold:
        claim.news.remove(_of(claim, debt))
    cross_off(claim, *untold)
    return bool(untold)


def wants_news(claim: State, wanted: bool) -> None:
    """It is known now whether the portal wants to be told; if not, nothing is owed to it."""
    if not wanted:
        cross_off(claim, *_untold(claim))
    elif claim.has_portal is False:
        _owe_since_submission(claim)
    claim.has_portal = wanted


def is_waiting(claim: State) -> bool:
    """News wait until it is known whether anybody wants them."""
    return claim.has_portal is None and bool(_untold(claim))


def _owe_since_submission(claim: State) -> None:
    """There was no portal when the claim was submitted before, and now there is one."""
    since = claim.first_submitted_at
    for news in claim.news:
        if since is not None and news.time >= since:
            owe(claim, EventDebt(id=news.id, since=news.time))


def _untold(claim: State) -> list[EventDebt]:
    return [debt for debt in claim.debts if isinstance(debt, EventDebt)]


def _of(claim: State, debt: EventDebt) -> News:
    return next(each for each in claim.news if each.id == debt.id)


def _happened(claim: State, name: str, kind: str, data: Mapping[str, Any], now: datetime) -> None:
    """Its id ends with a digest, as the round may come twice: an older database was restored."""
    content = plain({"claim_id": claim.claim_id, **data})
    digest = hash_of({"type": kind, "time": now.isoformat(), "data": content})
    news = News(
        id=f"{next_id(claim, name)}.{digest[:DIGEST]}",
        type=kind,
        time=now,
        seq=len(claim.history),
        data=content,
    )
    claim.news.append(news)
    if claim.has_portal is not False:
        owe(claim, EventDebt(id=news.id, since=now))
