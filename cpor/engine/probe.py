"""Finds out what an engine can do, by starting a workflow that no worker runs."""

from __future__ import annotations

import uuid
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, Final

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client, WorkflowHandle
from temporalio.common import TypedSearchAttributes
from temporalio.service import RPCError, RPCStatusCode
from temporalio.testing import TimeSkipper

NAME: Final = "engine-probe"
NEVER: Final = timedelta(days=1)
"""A probe is deleted long before its first task would be due."""

SYSTEM_NAMESPACE: Final = "temporal-system"
"""The namespace that every engine has from its start."""

RPC_LIMIT: Final = timedelta(seconds=5)


async def skips_time(client: Client) -> bool:
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
