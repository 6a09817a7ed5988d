"""A search as it is typed: codes in any case, days in words, mistakes named by their option."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import aclosing, suppress
from datetime import datetime
from typing import Any, get_args

from pydantic import ValidationError

from cpor.cli import days
from cpor.cli.console import print_error
from cpor.cli.output.words import counted
from cpor.cli.typed import nearest
from cpor.client import concurrency
from cpor.client.client import ClaimsClient
from cpor.client.errors import MessageRefused, PortalError
from cpor.client.search import Found, Search
from cpor.rules.errors import Problem, problems
from cpor.rules.facts import Program
from cpor.rules.lifecycle import Status
from cpor.rules.state import WaitingFor
from cpor.rules.views import ClaimView
from cpor.store import StoreError

CODES: Mapping[str, Sequence[str]] = {
    "status": [each.value for each in Status],
    "waiting_for": get_args(WaitingFor),
    "program": get_args(Program),
}
ASKED_AT_ONCE = 8
LONGEST_WAIT = 8
"""Seconds for all of them together."""


def search(wanted: Mapping[str, Any], now: datetime, reviewer: str = "--reviewer") -> Search:
    """`reviewer` is what the option or argument for reviewers is called."""
    given, found = dict(wanted), list[Problem]()
    for name, known in CODES.items():
        if given.get(name) is not None:
            given[name] = _as_written(given[name], known)
    if (typed := given.get("due_before")) is not None:
        given["due_before"] = days.instant(typed, now)
        if given["due_before"] is None:
            found.append(Problem(f"--due-before {typed}", f"is no day; {days.EXPECTED}"))
    options = {"reviewers": reviewer}
    try:
        read = Search.model_validate(given)
    except ValidationError as error:
        for each in problems(error):
            field = each.field.partition(".")[0]
            option = options.get(field, f"--{field.replace('_', '-')}")
            meant = nearest(str(wanted[field]), CODES.get(field, ()))
            found.append(Problem(option, f"{each.text}{meant}"))
    else:
        if not found:
            return read
    raise MessageRefused("invalid", "; ".join(map(str, found)), found)


async def known_of(claims: ClaimsClient, found: Sequence[Found]) -> Mapping[str, ClaimView]:
    """What the claims say of themselves, for Temporal lists ids only.

    Without a worker nobody answers for them: a list goes out all the same, and says so.
    """
    known: dict[str, ClaimView] = {}

    async def ask(claim_id: str) -> None:
        with suppress(PortalError, StoreError):
            known[claim_id] = await claims.claim(claim_id)

    async def ids() -> AsyncIterator[str]:
        for each in found:
            yield each.claim_id

    with suppress(TimeoutError):
        async with (
            asyncio.timeout(LONGEST_WAIT),
            aclosing(concurrency.map_ordered(ask, ids(), ASKED_AT_ONCE)) as asked,
        ):
            async for _ in asked:
                pass
    if unknown := len(found) - len(known):
        print_error(
            f"{counted(unknown, 'claim')} could not be asked: what it is about is left out."
        )
    return known


def _as_written(typed: str, known: Sequence[str]) -> str:
    """`partner action required`, `PARTNER_ACTION_REQUIRED`: case and gaps do not matter."""

    def plain(word: str) -> str:
        return " ".join(word.lower().replace("_", " ").replace("-", " ").split())

    return next((each for each in known if plain(each) == plain(typed)), typed)
