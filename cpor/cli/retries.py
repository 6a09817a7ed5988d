"""Another try for what one claim, or every claim, owes late or has parked."""

from __future__ import annotations

import getpass
from collections.abc import Awaitable, Callable

import typer

from cpor.cli.errors import guarded
from cpor.client.client import ClaimsClient
from cpor.client.errors import ClaimClosed
from cpor.client.open_debts import Retried
from cpor.exits import DONE, UNREACHABLE, fail
from cpor.rules.messages import Retry

Tell = Callable[[Retried], None]
Help = Callable[[str, Retry], Awaitable[Retried]]


def login() -> str:
    """Who types; some containers know nobody."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        raise typer.BadParameter("say with --by who you are") from None


async def one(claims: ClaimsClient, claim_id: str, wanted: Retry, tell: Tell) -> int:
    tell(await claims.retry(claim_id, wanted))
    return DONE


async def all_of_them(claims: ClaimsClient, wanted: Retry, tell: Tell) -> int:
    """One that cannot be helped does not keep the others from it; the worst exit code counts."""
    found = await claims.owed()
    silent = {debt.claim_id: debt.last_answer for debt in found if debt.state == "unknown"}
    to_tell = {debt.claim_id for debt in found if debt.waits_for_retry}

    async def helped(claim_id: str) -> int:
        if claim_id in silent:
            return fail(f"{claim_id}: {silent[claim_id]}", UNREACHABLE)
        help_it = claims.retry if claim_id in to_tell else claims.try_late
        return await guarded(_listed(help_it, claim_id, wanted, tell))

    codes = [await helped(claim_id) for claim_id in dict.fromkeys(each.claim_id for each in found)]
    return max(codes, default=DONE)


async def _listed(help_it: Help, claim_id: str, wanted: Retry, tell: Tell) -> int:
    try:
        tell(await help_it(claim_id, wanted))
    except ClaimClosed:
        tell(Retried(claim_id, None))  # over meanwhile: all is settled
    return DONE
