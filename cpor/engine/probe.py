"""Asks an engine until it answers, and finds out what it can do."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, Final, TypeVar

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client, WorkflowHandle
from temporalio.common import TypedSearchAttributes
from temporalio.service import RPCError, RPCStatusCode

T = TypeVar("T")

NAME: Final = "engine-probe"
NEVER: Final = timedelta(days=1)
"""A probe is deleted long before its first task would be due."""

SYSTEM_NAMESPACE: Final = "temporal-system"
"""The namespace that every engine has from its start."""

RPC_LIMIT: Final = timedelta(seconds=5)
PAUSE: Final = 0.1
FINAL_ANSWERS: Final = frozenset(
    {
        RPCStatusCode.UNIMPLEMENTED,
        RPCStatusCode.PERMISSION_DENIED,
        RPCStatusCode.UNAUTHENTICATED,
        RPCStatusCode.ALREADY_EXISTS,
    }
)
"""An engine that is still starting does not answer with these."""


async def until_success(attempt: Callable[[], Awaitable[T]], seconds: float) -> T:
    """The first success of `attempt`; raises its error if that is final, or when time is up."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            return await attempt()
        except (RPCError, OSError, RuntimeError) as error:
            # The client raises RuntimeError if it cannot connect.
            if isinstance(error, RPCError) and error.status in FINAL_ANSWERS:
                raise
            if time.monotonic() > deadline:
                raise
        await asyncio.sleep(PAUSE)


async def skips_time(client: Client) -> bool:
    from temporalio.testing import TimeSkipper  # with a worker, a sandbox and much else

    skipper = TimeSkipper(client)
    try:
        # A delayed start would be skipped.
        async with started(skipper.client, start_delay=None) as workflow:
            # An older engine ignores the request without an error.
            return await skipper.get_time_skipping_info(workflow) is not None
    except RPCError as error:
        if error.status in (RPCStatusCode.UNIMPLEMENTED, RPCStatusCode.INVALID_ARGUMENT):
            return False
        raise


@asynccontextmanager
async def started(
    client: Client,
    attributes: TypedSearchAttributes = TypedSearchAttributes.empty,
    start_delay: timedelta | None = NEVER,
) -> AsyncGenerator[WorkflowHandle[Any, Any]]:
    """Start a workflow that no worker runs, and delete it at the end of the block."""
    workflow = await client.start_workflow(
        NAME,
        id=f"{NAME}-{uuid.uuid4()}",
        task_queue=NAME,
        search_attributes=attributes,
        start_delay=start_delay,
        rpc_timeout=RPC_LIMIT,
    )
    try:
        yield workflow
    finally:
        await client.workflow_service.delete_workflow_execution(
            DeleteWorkflowExecutionRequest(
                namespace=client.namespace,
                workflow_execution=WorkflowExecution(workflow_id=workflow.id),
            ),
            timeout=RPC_LIMIT,
        )
