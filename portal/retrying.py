"""Another try for what one claim, or every claim, owes late or has parked."""

from __future__ import annotations

import getpass
from collections.abc import Awaitable, Callable
from typing import cast

import typer

from claims import messages
from claims.messages import Retry
from portal import owing
from portal.client import ClaimsClient
from portal.debts import Retried
from portal.errors import ClaimClosed
from portal.exits import DONE, UNREACHABLE, fail, guarded

Say = Callable[[str], None]
Help = Callable[[str, Retry], Awaitable[Retried]]


def login() -> str:
    """Who types; some containers know nobody."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        raise typer.BadParameter("say with --by who you are") from None


async def one(claims: ClaimsClient, claim_id: str, by: str, say: Say) -> int:
    say(owing.retried(await claims.retry(claim_id, _wanted(by))))
    return DONE


async def all_of_them(claims: ClaimsClient, by: str, say: Say) -> int:
    """One that cannot be helped does not keep the others from it; the worst exit code counts."""
    found = await claims.owed()
    if not found:
        say(owing.NOTHING)
    silent = {debt.claim_id: debt.last_answer for debt in found if debt.state == "unknown"}
    to_tell = {debt.claim_id for debt in found if debt.waits_for_word}
    codes = [
        fail(f"{claim_id}: {silent[claim_id]}", UNREACHABLE)
        if claim_id in silent
        else await guarded(
            _listed(claims.retry if claim_id in to_tell else claims.try_late, claim_id, by, say)
        )
        for claim_id in dict.fromkeys(debt.claim_id for debt in found)
    ]
    return max(codes, default=DONE)


async def _listed(help_it: Help, claim_id: str, by: str, say: Say) -> int:
    try:
        say(owing.retried(await help_it(claim_id, _wanted(by))))
    except ClaimClosed:
        say(f"{claim_id}  Over meanwhile: all is settled.")
    return DONE


def _wanted(by: str) -> Retry:
    return cast("Retry", messages.read(Retry.name, [{"by": {"role": "operator", "id": by}}]))
