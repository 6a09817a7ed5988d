"""Late and parked debts: from the claim itself, and from Temporal's pending activities."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import TYPE_CHECKING, Literal

from temporalio.api.enums.v1 import PendingActivityState, TimeoutType
from temporalio.api.workflow.v1 import PendingActivityInfo

from cpor.client.answers import Answer
from cpor.client.errors import ClaimClosed, ClaimUnknown, EngineUnreachable, NoAnswer, PortalError
from cpor.contract import search_attributes
from cpor.rules.debt import DebtKind, in_short
from cpor.rules.views import ClaimView

if TYPE_CHECKING:
    from cpor.client.transport import Transport

SEARCH = f'{search_attributes.OWES.name} = true AND ExecutionStatus = "Running"'
AT_ONCE = 20
SLOW = timedelta(seconds=30)
"""A try that takes longer stands, or the worker that tries it has died."""
NO_WORKER = "no worker answered for it"
_UNKNOWN_AGE = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class OpenDebt:
    """What a claim owes and has not paid, or a claim that did not answer."""

    claim_id: str
    state: Literal["owed", "late", "parked", "unknown"]
    id: str | None = None
    kind: DebtKind | None = None
    what: str | None = None
    since: datetime | None = None
    tries: int | None = None
    """Since it is late, or since it was last retried; Temporal forgets earlier ones."""
    last_answer: str | None = None
    next_try: datetime | None = None
    trying: bool = False
    """It is tried now, or as soon as a worker is free."""

    @property
    def waits_for_retry(self) -> bool:
        """Only the message `retry` ends its pause: the claim has paused it, not Temporal."""
        return self.state == "parked" or (self.next_try is not None and self.tries is None)


@dataclass(frozen=True)
class Retried:
    """The result of a retry."""

    claim_id: str
    answer: Answer | None
    """The claim's answer about what is parked; None where no message was sent."""
    tried_now: tuple[str, ...] = ()
    """The late ones whose pause was ended."""


async def ask(
    transport: Transport, claim_id: str
) -> tuple[ClaimView, Sequence[PendingActivityInfo]]:
    """What the claim knows, and what Temporal tries for it."""
    description = await transport.running(claim_id)
    known = await transport.query(claim_id, "claim", ClaimView)
    return known, description.raw_description.pending_activities


def of_claim(known: ClaimView, pending: Iterable[PendingActivityInfo]) -> Iterator[OpenDebt]:
    """All that it owes."""
    activities = {each.activity_id: each for each in pending}
    for owed in known.owed:
        debt = OpenDebt(
            claim_id=known.claim_id,
            state=owed.state,
            id=owed.id,
            kind=owed.kind,
            what=owed.label,
            since=owed.since,
            last_answer=owed.last_answer,
            next_try=owed.next_try,
            trying=owed.state != "parked" and owed.next_try is None,
        )
        activity = activities.get(owed.id)
        yield _tried(debt, activity) if activity and owed.state != "parked" else debt


def in_trouble(
    known: ClaimView, pending: Sequence[PendingActivityInfo], now: datetime
) -> Iterator[OpenDebt]:
    """Those of one claim that are late or parked, whose first try has failed, or lasts too long."""
    stuck = {each.activity_id for each in pending if _has_failed(each) or _is_slow(each, now)}
    return (debt for debt in of_claim(known, pending) if debt.state != "owed" or debt.id in stuck)


def _has_failed(activity: PendingActivityInfo) -> bool:
    return activity.HasField("last_failure")


def _is_slow(activity: PendingActivityInfo, now: datetime) -> bool:
    return now - _open_since(activity) > SLOW


def _open_since(activity: PendingActivityInfo) -> datetime:
    """When the try began that has not ended, or since when it waits for a worker."""
    began = activity.last_started_time if _is_under_way(activity) else activity.scheduled_time
    return began.ToDatetime(UTC)


def _is_under_way(activity: PendingActivityInfo) -> bool:
    return activity.state == PendingActivityState.PENDING_ACTIVITY_STATE_STARTED


def _tried(debt: OpenDebt, activity: PendingActivityInfo) -> OpenDebt:
    """With what Temporal knows of the activity, which is newer than what the claim knows."""
    if _has_failed(activity):
        debt = replace(debt, last_answer=last_answer(activity))
    elif debt.last_answer is None:
        waits = "no answer since" if _is_under_way(activity) else "waits for a worker since"
        debt = replace(debt, last_answer=f"{waits} {_open_since(activity):%H:%M:%S} UTC")
    if activity.HasField("next_attempt_schedule_time"):
        next_try = activity.next_attempt_schedule_time.ToDatetime(UTC)
        debt = replace(debt, next_try=next_try, trying=False)
    return replace(debt, tries=tries(activity))


def last_answer(activity: PendingActivityInfo) -> str:
    """What came of the last try that has ended."""
    failure = activity.last_failure
    if not failure.HasField("timeout_failure_info"):
        return in_short(failure.message)
    is_lost = failure.timeout_failure_info.timeout_type == TimeoutType.TIMEOUT_TYPE_HEARTBEAT
    return "the worker that tried it died or was cut off" if is_lost else "it took too long"


def tries(activity: PendingActivityInfo) -> int:
    """The number of tries, including one that is running.

    As soon as a try has failed, Temporal counts the next one.
    """
    return activity.attempt if _is_under_way(activity) else activity.attempt - 1


async def of_all(
    claim_ids: Iterable[str], ask: Callable[[str], Awaitable[Iterable[OpenDebt]]]
) -> list[OpenDebt]:
    """The debts of all claims, oldest first. At most `AT_ONCE` claims are asked concurrently.

    A claim that is over by now owes nothing. When `AT_ONCE` claims have not answered and none has,
    no worker is running, and the others are not asked.
    """
    places = asyncio.Semaphore(AT_ONCE)
    answered, silent = 0, 0

    async def one(claim_id: str) -> Iterable[OpenDebt]:
        nonlocal answered, silent
        async with places:
            if silent >= AT_ONCE and not answered:
                return [OpenDebt(claim_id, "unknown", last_answer=NO_WORKER)]
            try:
                found = await ask(claim_id)
            except (ClaimClosed, ClaimUnknown):
                return []
            except NoAnswer:
                silent += 1
                return [OpenDebt(claim_id, "unknown", last_answer=NO_WORKER)]
            except EngineUnreachable:
                raise
            except PortalError as error:
                return [OpenDebt(claim_id, "unknown", last_answer=in_short(str(error)))]
            answered += 1
            return found

    found = await asyncio.gather(*(one(claim_id) for claim_id in claim_ids))
    return sorted(chain(*found), key=lambda debt: (debt.since or _UNKNOWN_AGE, debt.claim_id))
