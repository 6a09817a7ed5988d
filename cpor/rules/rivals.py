"""What a claim is told by the associations of its tenant, without having asked."""

from __future__ import annotations

from datetime import datetime

from cpor.rules import association
from cpor.rules.associations.calls import Rival
from cpor.rules.associations.state import News
from cpor.rules.bookkeeping import note, reject
from cpor.rules.debt import Occurrence
from cpor.rules.history import CLAIM_ITSELF, REVIEWERS, Ground
from cpor.rules.state import State

DISPLACED = "displaced"
"""The name under which the table hears that another claim has the items now."""


def told(claim: State, news: News, now: datetime) -> Occurrence | None:
    """What was said of an earlier call is known better by now."""
    if news.round != claim.items.calls:
        return None
    if news.kind == "item_free":
        return _item_free(claim, news, now)
    return _displaced(claim, news, now) if claim.items.standing == "holds" else None


def _item_free(claim: State, news: News, now: datetime) -> None:
    free = set(news.items)
    held = [each for each in claim.items.rivals if each.holds and free & set(each.items)]
    for rival in held:
        rival.holds = False
    said = f"{', '.join(each.claim_id for each in held) or news.by} holds nothing of it any more"
    note(claim, "rivals", said, CLAIM_ITSELF, now, sight=REVIEWERS)


def _displaced(claim: State, news: News, now: datetime) -> Occurrence:
    """It ends as an association does that is ended, and asks on while it may be disputed."""
    claim.items.standing = "asks"
    claim.items.rivals = [
        *(each for each in claim.items.rivals if each.claim_id != news.by),
        Rival(claim_id=news.by, mpn_id=news.mpn_id, items=news.items, holds=True, since=news.at),
    ]
    why = Ground(reason="displaced_by_rival")
    if claim.is_official:
        association.end(claim, why, now)
    else:
        reject(claim, [why])
    said = "another partner is the partner for its items now, by a reviewer's decision"
    return Occurrence(DISPLACED, "associations", text=said)
