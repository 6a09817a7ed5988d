"""What holds of every claim after its approval: the recall, and what waits for another try."""

from __future__ import annotations

from itertools import takewhile

from cpor.rules.claim import Claim
from cpor.rules.deadlines import ONE_DAY
from cpor.rules.effects import conflict, hand_off


def what_was_judged_and_has_ended_is_recalled(claim: Claim) -> None:
    """A result shows that the hand-off arrived, whatever its delivery was answered."""
    since_approval = takewhile(lambda entry: entry.what != "approve", reversed(claim.state.history))
    was_judged = any(entry.what == "eligibility_result" for entry in since_approval)
    assert claim.state.handed_off_at is not None or not was_judged
    if claim.state.handed_off_at is not None and claim.state.recall_for is not None:
        assert hand_off.is_recalled(claim.state)
        owed = [debt for debt in claim.state.debts if debt.kind == "recall"]
        assert (claim.state.eligibility == "recalled") != bool(owed)
        assert not any(debt.kind == "hand_off" for debt in claim.state.debts)


def what_waits_is_woken(claim: Claim) -> None:
    """Who asked for a pause is asked again after it; what is parked is not kept for ever.

    Only a conflict stops all until somebody has decided it.
    """
    if conflict.standing(claim.state):
        return
    until = [debt.paused_until for debt in claim.state.debts if debt.paused_until is not None]
    if claim.state.ended_at is not None:
        kept = [debt for debt in claim.state.debts if debt.kind in ("notice", "seal", "event")]
        parked = [debt.parked_at for debt in kept if debt.parked_at is not None]
        until += [max(at, claim.state.ended_at) + 30 * ONE_DAY for at in parked]
    if until:
        assert claim.wakes_at is not None
        assert claim.wakes_at <= min(until)


def what_ended_before_it_was_handed_off_never_is(claim: Claim) -> None:
    """Not even when an operator has what is parked tried again."""
    if claim.state.recall_for is not None:
        owed = [debt for debt in claim.state.debts if debt.kind == "hand_off"]
        assert all(debt.begun and debt.state != "parked" for debt in owed)
