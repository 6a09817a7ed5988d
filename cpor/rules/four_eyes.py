"""Nobody judges what they did themselves: accounts are the same in upper and lower case."""

from __future__ import annotations

from cpor.rules.characters import lower
from cpor.rules.errors import Refused
from cpor.rules.state import State


def check_reviewer(claim: State, who: str) -> None:
    """Who spoke for the partner does not review, and who decided first decides no dispute."""
    if lower(who) in _speakers_for_partner(claim):
        raise Refused(
            "same_reviewer", f"{who} spoke for the partner here; somebody else must review it"
        )
    first = claim.dispute.not_by if claim.dispute and claim.in_dispute else None
    if first is not None and lower(who) == lower(first):
        raise Refused("same_reviewer", f"{who} decided before; a dispute needs somebody else")


def _speakers_for_partner(claim: State) -> set[str]:
    """Of what was refused nothing was done, so it keeps nobody from reviewing."""
    said = (entry for entry in claim.history if entry.what != "refused")
    return {lower(entry.by.id) for entry in said if entry.by.role == "partner"}
