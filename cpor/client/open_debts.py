"""Late and parked debts: from the claim itself, and from Temporal's pending activities."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import chain
from typing import Literal

from temporalio.api.enums.v1 import PendingActivityState, TimeoutType
from temporalio.api.workflow.v1 import PendingActivityInfo
from temporalio.client import WorkflowExecutionDescription

from cpor.client.answers import Answer
from cpor.client.errors import ClaimClosed, ClaimUnknown, EngineUnreachable, NoAnswer, PortalError
from cpor.contract import search_attributes
from cpor.rules.debt import DebtKind, in_short
from cpor.rules.views import ClaimView

SEARCH = f'{search_attributes.OWES.name} = true AND ExecutionStatus = "Running"'
AT_ONCE = 20
NO_WORKER = "no worker answered for it"
_UNKNOWN_AGE = datetime.max.replace(tzinfo=UTC)


@dataclass(frozen=True)
class OpenDebt:
    """A late or parked debt, one whose first try has failed, or a claim that did not answer."""

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


def of_claim(known: ClaimView, description: WorkflowExecutionDescription) -> Iterator[OpenDebt]:
    """The late and parked debts of one claim, and those of which a first try has failed."""
    pending = {each.activity_id: each for each in description.raw_description.pending_activities}
    for owed in known.owed:
        activity = pending.get(owed.id)
        has_failed = activity is not None and activity.HasField("last_failure")
        if owed.state != "owed" or has_failed:
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
            yield _tried(debt, activity) if activity and owed.state != "parked" else debt


def _tried(debt: OpenDebt, activity: PendingActivityInfo) -> OpenDebt:
    """With what Temporal knows of the activity, which is newer than what the claim knows."""
    if activity.HasField("last_failure"):
        debt = replace(debt, last_answer=last_answer(activity))
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
    under_way = activity.state == PendingActivityState.PENDING_ACTIVITY_STATE_STARTED
    return activity.attempt if under_way else activity.attempt - 1


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
