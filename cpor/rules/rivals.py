"""What a claim is told by the associations of its tenant, without having asked."""

from __future__ import annotations

from datetime import datetime

from cpor.rules import association, rivalry
from cpor.rules.associations.accounts import Account
from cpor.rules.associations.state import News
from cpor.rules.associations.telling import Heard, Telling
from cpor.rules.bookkeeping import note, reject
from cpor.rules.debt import Occurrence
from cpor.rules.effects import call
from cpor.rules.history import CLAIM_ITSELF, REVIEWERS, Ground
from cpor.rules.state import State

DISPLACED = "displaced"
"""The name under which the table hears that another claim has the items now."""
FREE = "item free"
"""The name under which the table hears that nobody holds an item any more."""


def answer(claim: State) -> Heard:
    return Heard(outcome="gone" if claim.items.standing == "none" else "heard")


def told(claim: State, telling: Telling, now: datetime) -> Occurrence | None:
    """What was said of an earlier call is known better by now, and so is an older picture."""
    news = telling.news
    if news.round != claim.items.calls:
        return None
    if news.kind == "displaced":
        if claim.items.standing == "holds":
            return _displaced(claim, telling, now)
        # It was awarded its items and lost them before the answer came, which no longer counts.
        call.ask_anew(claim)
        return None
    if telling.picture.step <= claim.items.step:
        return None
    rivalry.learn(claim, telling.picture, now)
    return _item_free(claim, news, now) if news.kind == "item_free" else None


def account(claim: State, now: datetime) -> Account | None:
    """Its tenant's associations know nothing any more: what it holds, or asks for."""
    known = claim.items
    call.ask_anew(claim)
    if known.standing == "none" or not known.answered or claim.first_submitted_at is None:
        return None
    holds = known.standing == "holds"
    said = f"says again that it {'holds' if holds else 'asks for'} its items: "
    said += "what the tenant's associations knew was lost"
    note(claim, "rivals", said, CLAIM_ITSELF, now, sight=REVIEWERS)
    return Account(
        tenant_id=claim.customer.tenant_id,
        claim_id=claim.claim_id,
        round=known.answered,
        mpn_id=claim.partner.mpn_id,
        items=call.items(claim),
        first_submitted_at=claim.first_submitted_at,
        proof_at=claim.proof_at,
        proofs=call.proofs(claim),
        holds=holds,
        since=known.since or claim.first_submitted_at,
    )


def _item_free(claim: State, news: News, now: datetime) -> Occurrence:
    products = rivalry.products_of(claim, news.items)
    said = f"nobody holds {', '.join(products)} any more; it was {news.by}"
    note(claim, "rivals", said, CLAIM_ITSELF, now, sight=REVIEWERS)
    return Occurrence(FREE, "associations", {"free": products})


def _displaced(claim: State, telling: Telling, now: datetime) -> Occurrence:
    """It ends as an association does that is ended, and asks on while it may be disputed.

    Whoever put it aside does not decide its dispute.
    """
    claim.items.standing, claim.items.since = "asks", None
    rivalry.learn(claim, telling.picture, now)
    claim.judge = telling.news.reviewer or claim.judge
    why = Ground(reason="displaced_by_rival")
    if claim.is_official:
        association.end(claim, why, now)
    else:
        reject(claim, [why])
    said = "another partner is the partner for its items now, by a reviewer's decision"
    facts = {"reason": None, "objected": False, "by_older_link": False}
    return Occurrence(DISPLACED, "associations", facts, said)
