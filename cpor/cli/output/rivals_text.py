"""Who else is about the same items, as text."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from cpor.cli.output.words import counted
from cpor.rules.associations.calls import Earlier, Rival
from cpor.rules.associations.views import Holding, ItemInFull
from cpor.rules.views import ClaimView

NOBODY_ELSE = "No other open claim is about its items, and none came before."


def rivals(known: ClaimView) -> str:
    lines = [*lines_of(known)]
    return "\n".join([f"{known.claim_id}  {known.name}", *(f"  {line}" for line in lines)])


def lines_of(known: ClaimView) -> Iterator[str]:
    mpn_id = known.partner.mpn_id
    if known.awaits_award:
        yield "awaits its items; nobody is told of the approval before"
    yield from (_rival(each, mpn_id) for each in known.rivals)
    if known.more_rivals:
        yield f"and {counted(known.more_rivals, 'claim')} more"
    yield from (_earlier(each, mpn_id) for each in known.earlier)
    if not (known.awaits_award or known.rivals or known.earlier):
        yield NOBODY_ELSE


def items(found: Sequence[ItemInFull]) -> str:
    if not found:
        return "No open claim holds or asks for anything of this tenant."
    return "\n".join(line for each in found for line in _item(each))


def _rival(rival: Rival, mpn_id: str) -> str:
    who = _who(rival.mpn_id, mpn_id)
    does = "holds" if rival.holds else "asks for"
    proof = f", newest proof {_day(rival.proof_at)}" if rival.proof_at else ""
    items = ", ".join(rival.items)
    return f"{rival.claim_id} {does} {items} since {_day(rival.since)}{proof} ({who})"


def _earlier(earlier: Earlier, mpn_id: str) -> str:
    who, how = _who(earlier.mpn_id, mpn_id), earlier.ended.replace("_", " ")
    how = "the customer said no" if earlier.is_a_no else how
    return f"before: {earlier.claim_id}, {how}, {_day(earlier.at)} ({who})"


def _who(mpn_id: str, own: str) -> str:
    return "same partner" if mpn_id == own else f"partner {mpn_id}"


def _item(item: ItemInFull) -> Iterator[str]:
    yield f"{item.item}  {_held(item.holder)}"
    for each in item.challengers:
        proof = f", newest proof {_day(each.proof_at)}" if each.proof_at else ""
        since = f"first submitted {_day(each.first_submitted_at)}{proof}"
        yield f"  asked for by {each.claim_id} (partner {each.mpn_id}), {since}"
    yield from (f"  {_earlier(each, '')}" for each in item.earlier)


def _held(holder: Holding | None) -> str:
    if holder is None:
        return "free"
    return f"held by {holder.claim_id} (partner {holder.mpn_id}) since {_day(holder.since)}"


def _day(at: datetime) -> str:
    return f"{at:%a %d %b %Y}"
