"""A message that says as little as may be, for each role that might send it, to any claim."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, get_args

from pydantic_core import to_jsonable_python

from cpor.rules.claim import Claim
from cpor.rules.errors import Refused
from cpor.rules.facts import PartnerRole, Role
from cpor.rules.messages import MESSAGES
from cpor.rules.possible import Possible, may_be_withdrawn, possible
from cpor.rules.state import State
from tests.rules.play import NEEDS

NOT_OF_THE_STATE = ("too_much", "changed_since")
"""Refusals for what a message says or for what it takes, and not for when it comes."""


def what_may_be_said_is_what_is_taken(claim: Claim) -> None:
    """Each message by each role is accepted if it is possible, and else refused."""
    if claim.state.is_over:
        return  # its workflow is closed, so nothing can reach it
    found = {(each.message, each.role): each for each in possible(claim.state)}
    for name in MESSAGES:
        for role in get_args(Role):
            _compare(claim, name, role, found.get((name, role)))


def _compare(claim: Claim, name: str, role: Role, said_to_be: Possible | None) -> None:
    refusal = _refusal(claim, name, {"role": role, "id": _somebody(role)})
    if refusal is not None and refusal.code in NOT_OF_THE_STATE:
        return
    assert (refusal is None) == (said_to_be is not None), (name, role, refusal)
    if said_to_be is not None and role == "partner":
        allowed = list(_partner_roles(claim, name))
        assert sorted(allowed) == sorted(said_to_be.partner_roles), (name, allowed)


def _partner_roles(claim: Claim, name: str) -> Iterator[str]:
    for partner_role in get_args(PartnerRole):
        by = {"role": "partner", "id": "ada", "partner_role": partner_role}
        if _refusal(claim, name, by) is None:
            yield partner_role


def _refusal(claim: Claim, name: str, by: dict[str, str]) -> Refused | None:
    try:
        claim.check(name, [{"by": by, **_little(claim.state, name), **_passed_on(name, by)}])
    except Refused as refused:
        return refused
    return None


def _passed_on(name: str, by: dict[str, str]) -> dict[str, Any]:
    is_by_hand = name == "decline" and by["role"] == "operator"
    return {"came_by": "telephone"} if is_by_hand else {}


def _somebody(role: Role) -> str:
    """Nobody who decided before: whom a dispute bars is another matter."""
    return {"customer": "contact", "reviewer": "zoe"}.get(role, "olga")


def _little(claim: State, name: str) -> dict[str, Any]:
    match name:
        case "edit":
            fields = [field for field in claim.editable if field != "evidence"]
            return {"changes": _as_it_is(claim, fields[0] if fields else "mpn_id")}
        case "extend":
            clocks = [clock for each in possible(claim) for clock in each.clocks]
            return {**NEEDS[name], "business_days": 1, **({"clock": clocks[0]} if clocks else {})}
        case "confirm_contact":
            return {"contact": "contact", "seen": len(claim.history)}
        case "assign":
            return {"reviewer": "zoe"}
        case "bounced":
            return {**NEEDS[name], "notice_id": next(iter(claim.arrivals), "none")}
        case "withdraw_evidence":
            files = [file for file in claim.evidence if may_be_withdrawn(claim, file)]
            return {
                "evidence": [file.sha256 for file in (files or claim.evidence)[:1]] or ["c" * 64]
            }
        case "add_evidence":
            (file,) = NEEDS[name]["evidence"]
            return {"evidence": [{**file, "sha256": "c" * 64}]}
        case _:
            return NEEDS.get(name, {})


def _as_it_is(claim: State, field: str) -> dict[str, Any]:
    """An edit that changes nothing is taken too."""
    holder, name = {
        "mpn_id": (claim.partner, "mpn_id"),
        "partner_contact": (claim.partner, "contact"),
        "customer_contact": (claim.customer, "contact"),
        "technical_contact": (claim.customer, "technical_contact"),
    }.get(field, (claim, field))
    value = to_jsonable_python(getattr(holder, name), exclude_none=True)
    if field == "products":
        value = [{key: each[key] for key in each if key != "code"} for each in value]
    return {field: value}
