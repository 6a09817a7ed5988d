"""A dispute is decided by a second reviewer, once."""

from __future__ import annotations

from cpor.rules.state import State


def decide_dispute(claim: State) -> bool:
    """A dispute that was under way is decided now; whether there was one."""
    was_open = claim.in_dispute
    if claim.dispute is not None:
        claim.dispute.decided = True
    return was_open
