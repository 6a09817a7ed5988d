"""The claims that are due next, found without a look at all that match.

Temporal's SQL stores list claims by their start, and count fast. So they are asked how many are due
within an hour, two hours and so on until that is enough, and only those are read. Where many are
overdue, it begins with those that were due two years ago, a year ago and so on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from cpor.client import search
from cpor.client.search import Found, Search
from cpor.client.transport import Transport
from cpor.contract import search_attributes

FEW = 1000
"""What Temporal lists in one answer; so many are read at once and sorted here."""
SOON, DOUBLINGS = timedelta(hours=1), 14
"""The last of them is almost two years away."""
_NEVER = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class NextDue:
    claims: Sequence[Found]
    more: int
    """How many others match."""


async def next_due(
    transport: Transport, wanted: Search, most: int, now: datetime
) -> NextDue | None:
    """At most so many, the first of `due_first`. None where only a search finds all that match."""
    query = search.query_of_running(wanted)
    if query is None:
        return None

    async def read(query: str) -> list[Found]:
        return due_first([found async for found in search.listed(transport, query, wanted)])

    async def first(
        query: str, matching: int, horizons: Iterable[datetime], most: int
    ) -> Sequence[Found]:
        if matching > FEW:
            for until in horizons:
                due = f"{query} AND {search_attributes.DEADLINE.name} < '{until.isoformat()}'"
                if await transport.count(due) >= most and len(found := await read(due)) >= most:
                    return found[:most]
        return (await read(query))[:most] if matching else []

    total = await transport.count(query)
    if total <= FEW:
        found = await read(query)
        return NextDue(found[:most], len(found[most:]))
    is_overdue = search_attributes.OVERDUE.name
    late, in_time = f"{query} AND {is_overdue} = true", f"{query} AND {is_overdue} = false"
    overdue = await transport.count(late)
    claims = [*await first(late, overdue, _past(now), most)]
    if len(claims) < most:
        claims += await first(in_time, total - overdue, _ahead(now), most - len(claims))
    return NextDue(claims, total - len(claims))


def due_first(found: Iterable[Found]) -> list[Found]:
    """What is overdue, then by deadline; claims without one come last, the oldest first."""
    return sorted(
        found,
        key=lambda each: (
            not each.overdue,
            each.deadline or _NEVER,
            each.started_at or _NEVER,
            each.claim_id,
        ),
    )


def _past(now: datetime) -> Iterator[datetime]:
    yield from (now - SOON * 2**number for number in reversed(range(DOUBLINGS + 1)))
    yield now


def _ahead(now: datetime) -> Iterator[datetime]:
    yield from (now + SOON * 2**number for number in range(DOUBLINGS + 1))
