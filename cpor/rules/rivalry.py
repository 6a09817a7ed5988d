"""Other claims about a claim's items: what it knows of them, and what follows for its reviewers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from cpor.rules import catalogue
from cpor.rules.associations.calls import DIGITS, MOST_NAMED, Earlier, Picture, Rival
from cpor.rules.associations.items import item_of
from cpor.rules.bookkeeping import note
from cpor.rules.history import CLAIM_ITSELF, REVIEWERS
from cpor.rules.state import State


def learn(claim: State, picture: Picture, now: datetime) -> None:
    """Who else is about the same items, and who was before. The history names each rival once."""
    known = claim.items
    if picture.step < known.step:
        return
    known.step, known.more_rivals = picture.step, picture.more_rivals
    known.rivals, known.earlier = picture.rivals, picture.earlier
    new = [each for each in known.rivals if _as_named(each) not in known.named]
    for each in new[: max(MOST_NAMED - len(known.named), 0)]:
        known.named.append(_as_named(each))
        note(claim, "rivals", _in_words(claim, each), CLAIM_ITSELF, now, sight=REVIEWERS)
    for each in noes(claim):
        if each.claim_id not in known.named:
            known.named.append(each.claim_id)
            said = (
                f"the customer said no to {each.claim_id} of the same partner on {each.at:%d %b %Y}"
            )
            note(claim, "rivals", said, CLAIM_ITSELF, now, sight=REVIEWERS)


def holders(claim: State) -> list[str]:
    """Claims that hold an item of this one."""
    return [rival.claim_id for rival in claim.items.rivals if rival.holds]


def others(claim: State) -> list[Rival]:
    """Claims of other partners."""
    return [each for each in claim.items.rivals if each.mpn_id != claim.partner.mpn_id]


def noes(claim: State) -> list[Earlier]:
    """What the customer said no to, of the same partner about the same items."""
    mpn_id = claim.partner.mpn_id
    return [each for each in claim.items.earlier if each.is_a_no and each.mpn_id == mpn_id]


def lacks_new_proof(claim: State) -> bool:
    """The customer said no to all of its proof before."""
    known = {digits for each in noes(claim) for digits in each.proofs}
    mine = {file.sha256[:DIGITS] for file in claim.evidence if file.is_there}
    return bool(noes(claim)) and mine <= known


def products_of(claim: State, items: Iterable[str]) -> list[str]:
    """The names of those that these items are about."""
    wanted = set(items)
    names = [each.name for each in claim.products if item_of(each) in wanted]
    return list(dict.fromkeys(names)) or [_name(item) for item in sorted(wanted)]


def _name(item: str) -> str:
    found = catalogue.find(item.partition(":")[2])
    return found.name if found else item


def _as_named(rival: Rival) -> str:
    return f"{rival.claim_id} holds" if rival.holds else rival.claim_id


def _in_words(claim: State, rival: Rival) -> str:
    products = ", ".join(products_of(claim, rival.items))
    does = "holds" if rival.holds else "asks for"
    if rival.mpn_id == claim.partner.mpn_id:
        return f"same as {rival.claim_id} of the same partner, which {does} {products}"
    return f"{rival.claim_id} of another partner {does} {products}"


def for_reviewers(claim: State) -> Mapping[str, Any]:
    """The facts of their mail: all that is known. What is not there takes no room."""
    same = claim.partner.mpn_id
    facts: dict[str, Any] = {
        "rivals": [
            {
                "claim_id": each.claim_id,
                "same_partner": each.mpn_id == same,
                "holds": each.holds,
                "products": products_of(claim, each.items),
                "since": each.since,
                "proof_at": each.proof_at,
            }
            for each in claim.items.rivals
        ],
        "more_rivals": claim.items.more_rivals,
        "earlier": [
            {"claim_id": each.claim_id, "ended": each.ended, "at": each.at}
            for each in claim.items.earlier
            if each.mpn_id == same
        ],
        "lacks_new_proof": lacks_new_proof(claim),
    }
    return {name: fact for name, fact in facts.items() if fact}


def for_partner(claim: State) -> Mapping[str, Any]:
    """Another partner is about the same; who it is, nobody says."""
    facts: dict[str, Any] = {"noes": [_no(each) for each in noes(claim)]}
    if rivals := others(claim):
        holding = [each for each in rivals if each.holds]
        items = [item for each in holding or rivals for item in each.items]
        facts["contested"] = {"holds": bool(holding), "products": products_of(claim, items)}
    return {name: fact for name, fact in facts.items() if fact}


def for_customer(claim: State) -> Mapping[str, Any]:
    return {"noes": [_no(each) for each in noes(claim)]} if noes(claim) else {}


def _no(earlier: Earlier) -> Mapping[str, Any]:
    return {"claim_id": earlier.claim_id, "at": earlier.at}
