"""Another try for the late and parked debts of one claim, or of every claim."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from cpor.cli.errors import guarded
from cpor.client.client import ClaimsClient
from cpor.client.errors import ClaimClosed
from cpor.client.open_debts import Retried
from cpor.exits import DONE, UNREACHABLE, fail
from cpor.rules.messages import Retry

Report = Callable[[Retried], None]
RetryClaim = Callable[[str, Retry], Awaitable[Retried]]


async def retry_claim(claims: ClaimsClient, claim_id: str, message: Retry, report: Report) -> int:
    report(await claims.retry(claim_id, message))
    return DONE


async def retry_all(claims: ClaimsClient, message: Retry, report: Report) -> int:
    """Retry each claim, whatever becomes of the others; returns the highest exit code."""
    debts = await claims.owed()
    unanswered = {debt.claim_id: debt.last_answer for debt in debts if debt.state == "unknown"}
    parked = {debt.claim_id for debt in debts if debt.waits_for_retry}

    async def retry(claim_id: str) -> int:
        if claim_id in unanswered:
            return fail(f"{claim_id}: {unanswered[claim_id]}", UNREACHABLE)
        retry_one = claims.retry if claim_id in parked else claims.try_late
        return await guarded(_retry_unless_over(retry_one, claim_id, message, report))

    codes = [await retry(claim_id) for claim_id in dict.fromkeys(debt.claim_id for debt in debts)]
    return max(codes, default=DONE)


async def _retry_unless_over(
    retry_one: RetryClaim, claim_id: str, message: Retry, report: Report
) -> int:
    try:
        report(await retry_one(claim_id, message))
    except ClaimClosed:
        report(Retried(claim_id, None))  # the claim has ended since it was listed, and owes nothing
    return DONE
