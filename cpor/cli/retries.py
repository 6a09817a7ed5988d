"""Another try for the late and parked debts of every claim."""

from __future__ import annotations

from collections.abc import Callable

from cpor.cli.errors import guarded
from cpor.client.client import ClaimsClient
from cpor.client.errors import ClaimClosed, NoAnswer
from cpor.client.open_debts import Retried
from cpor.exits import DONE
from cpor.rules.messages import Retry


async def retry_all(claims: ClaimsClient, message: Retry, report: Callable[[Retried], None]) -> int:
    """Retry each claim, whatever becomes of the others; returns the highest exit code."""
    debts = await claims.owed()
    unanswered = {debt.claim_id: debt.last_answer for debt in debts if debt.state == "unknown"}
    parked = {debt.claim_id for debt in debts if debt.waits_for_retry}

    async def retry(claim_id: str) -> None:
        if claim_id in unanswered:
            raise NoAnswer(f"{claim_id}: {unanswered[claim_id]}")
        retry_one = claims.retry if claim_id in parked else claims.try_late
        try:
            report(await retry_one(claim_id, message))
        except ClaimClosed:
            # The claim has ended since it was listed, and owes nothing.
            report(Retried(claim_id, None))

    claim_ids = dict.fromkeys(debt.claim_id for debt in debts)
    return max([await guarded(retry(claim_id)) for claim_id in claim_ids], default=DONE)
