"""A dispute is decided by a second reviewer, once."""

from __future__ import annotations

from cpor.rules.characters import lower
from cpor.rules.errors import Refused
from cpor.rules.state import State


def check_second_reviewer(claim: State, who: str) -> None:
    """The one who decided first does not decide the dispute about it."""
    first = claim.dispute.not_by if claim.dispute and claim.in_dispute else None
    if first is not None and lower(who) == lower(first):
        raise Refused("same_reviewer", f"{who} decided before; a dispute needs somebody else")


def decide_dispute(claim: State) -> bool:
    """A dispute that was under way is decided now; whether there was one."""
    was_open = claim.in_dispute
    if claim.dispute is not None:
        claim.dispute.decided = True
    return was_open
