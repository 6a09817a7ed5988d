"""Questions to a workflow, asked again where that helps."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from time import monotonic
from typing import Any, TypeVar

from temporalio.client import WorkflowHandle, WorkflowQueryFailedError
from temporalio.service import RPCError, RPCStatusCode

from cpor.client.errors import PortalError

ASK_AGAIN = timedelta(seconds=3)
"""Now and then a query that meets a workflow task is never answered, but the next one is."""
TIMED_OUT = (RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED)

T = TypeVar("T")


async def ask(
    handle: WorkflowHandle[Any, Any],
    name: str,
    kind: type[T],
    question: tuple[object, ...],
    answer_timeout: timedelta,
) -> T:
    """The answer, or the last `RPCError` once so much time is over."""
    give_up_at = monotonic() + answer_timeout.total_seconds()
    while True:
        left = timedelta(seconds=max(give_up_at - monotonic(), 0.01))
        try:
            return await handle.query(
                name, *question, result_type=kind, rpc_timeout=min(left, ASK_AGAIN)
            )
        except WorkflowQueryFailedError as error:
            raise PortalError(str(error)) from error
        except RPCError as error:
            waits = _is_full(error) or error.status in TIMED_OUT or _has_just_begun(error)
            if monotonic() >= give_up_at or not waits:
                raise
        await asyncio.sleep(0.1)


def is_unanswered(error: RPCError) -> bool:
    """Of a query: Temporal is there, and no worker that would answer."""
    if error.status is RPCStatusCode.FAILED_PRECONDITION:
        return _saw_no_worker(error) or _saw_a_failure(error)
    return _is_full(error) or error.status in TIMED_OUT


def lacks_namespace(error: RPCError) -> bool:
    return error.status is RPCStatusCode.NOT_FOUND and error.message.startswith("Namespace ")


def _has_just_begun(error: RPCError) -> bool:
    """A new run can be queried only once its first workflow task is scheduled."""
    not_yet = error.message.startswith("Workflow task is not scheduled yet")
    return error.status is RPCStatusCode.FAILED_PRECONDITION and not_yet


def _is_full(error: RPCError) -> bool:
    """Temporal holds only a few queries for a workflow until its worker takes them."""
    return error.status is RPCStatusCode.RESOURCE_EXHAUSTED


def _saw_no_worker(error: RPCError) -> bool:
    """No worker has asked for work of late."""
    return error.message.startswith("no poller seen")


def _saw_a_failure(error: RPCError) -> bool:
    """The last workflow task has failed, and is tried again."""
    return "Workflow Task in failed state" in error.message
