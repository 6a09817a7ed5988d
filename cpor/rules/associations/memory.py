"""Claims that are over, as far back as is worth knowing. What is kept stays small for ever."""

from __future__ import annotations

from collections.abc import Iterable

from cpor.rules.associations.calls import DIGITS, Earlier, Release
from cpor.rules.associations.state import Interest, State

MOST_EARLIER_OF_ITEM = 50
MOST_EARLIER = 400
MOST_DEPARTED = 500
"""A call is on its way for minutes at most: never do so many claims of one tenant end meanwhile."""


def remember(known: State, interest: Interest | None, release: Release) -> None:
    """How a claim ended. Where its release came first, what it asked for comes too late."""
    known.departed.pop(release.claim_id, None)
    known.departed[release.claim_id] = release.round
    for oldest in list(known.departed)[:-MOST_DEPARTED]:
        del known.departed[oldest]
    if interest is None or release.ended in ("sent_back", "gone"):
        return
    known.earlier.append(
        Earlier(
            claim_id=release.claim_id,
            mpn_id=interest.mpn_id,
            items=interest.items,
            ended=release.ended,
            at=release.at,
            proofs=sorted({*interest.proofs, *(each[:DIGITS] for each in release.proofs)}),
        )
    )
    for item in interest.items:
        _keep(known, [each for each in known.earlier if item in each.items], MOST_EARLIER_OF_ITEM)
    _keep(known, known.earlier, MOST_EARLIER)


def about(known: State, items: Iterable[str], mpn_id: str, most: int) -> list[Earlier]:
    """Earlier claims about some of these items: this partner's noes first, then the newest."""
    wanted = set(items)
    found = [each for each in known.earlier if wanted & set(each.items)]
    found.reverse()
    found.sort(key=lambda each: (each.mpn_id != mpn_id, not each.is_a_no))
    return found[:most]


def _keep(known: State, of: list[Earlier], most: int) -> None:
    """The newest; but nobody makes a customer's no forgotten by filing other claims after it."""
    for _ in range(len(of) - most):
        drop = next((each for each in of if not each.is_a_no), of[0])
        of = [each for each in of if each is not drop]
        known.earlier = [each for each in known.earlier if each is not drop]
