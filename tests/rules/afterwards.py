"""What holds of every claim after its approval: the recall, and what waits for another try."""

from __future__ import annotations

from cpor.rules import association
from cpor.rules.claim import Claim
from cpor.rules.deadlines import ONE_DAY


def what_was_judged_and_has_ended_is_recalled(claim: Claim) -> None:
    """A result shows that the hand-off arrived, whatever its delivery was answered."""
    was_judged = any(entry.what == "eligibility_result" for entry in claim.history)
    assert claim.handed_off_at is not None or not was_judged
    if claim.handed_off_at is not None and claim.recall_for is not None:
        assert association.is_recalled(claim)
        owed = [debt for debt in claim.debts if debt.kind == "recall"]
        assert (claim.eligibility == "recalled") != bool(owed)
        assert not any(debt.kind == "hand_off" for debt in claim.debts)


def what_waits_is_woken(claim: Claim) -> None:
    """Who asked for a pause is asked again after it; what is parked is not kept for ever."""
    wake = claim.agenda()
    until = [debt.rests_until for debt in claim.debts if debt.rests_until is not None]
    if claim.ended_at is not None:
        kept = [debt for debt in claim.debts if debt.kind in ("notice", "seal", "event")]
        parked = [debt.parked_at for debt in kept if debt.parked_at is not None]
        until += [max(at, claim.ended_at) + 30 * ONE_DAY for at in parked]
    assert not until or (wake is not None and wake.at <= min(until))


def what_ended_before_it_was_handed_off_never_is(claim: Claim) -> None:
    """Not even when an operator has what is parked tried again."""
    if claim.recall_for is not None:
        owed = [debt for debt in claim.debts if debt.kind == "hand_off"]
        assert all(debt.begun and debt.state != "parked" for debt in owed)
