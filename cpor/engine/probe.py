"""Finds out what an engine can do, by starting a workflow that nobody runs."""

from __future__ import annotations

import uuid
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

from google.protobuf.duration_pb2 import Duration
from temporalio.api.common.v1 import (
    Payload,
    SearchAttributes,
    TimeSkippingConfig,
    WorkflowExecution,
    WorkflowType,
)
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflow.v1 import WorkflowExecutionExtendedInfo
from temporalio.api.workflowservice.v1 import (
    DeleteWorkflowExecutionRequest,
    DescribeWorkflowExecutionRequest,
    StartWorkflowExecutionRequest,
)
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

NAME: Final = "engine-probe"
NEVER: Final = timedelta(days=1)
"""A probe is deleted long before its first task would be due."""

SYSTEM_NAMESPACE: Final = "temporal-system"
"""The namespace that every engine has from its start."""

RPC_LIMIT: Final = timedelta(seconds=5)


async def skips_time(client: Client) -> bool:
    try:
        async with started(client, SYSTEM_NAMESPACE, time_skipping=True) as workflow:
            # An older engine ignores the request without an error.
            return workflow.HasField("time_skipping_info")
    except RPCError as error:
        if error.status in (RPCStatusCode.UNIMPLEMENTED, RPCStatusCode.INVALID_ARGUMENT):
            return False
        raise


@asynccontextmanager
async def started(
    client: Client,
    namespace: str,
    *,
    attributes: Mapping[str, Payload] | None = None,
    time_skipping: bool = False,
) -> AsyncGenerator[WorkflowExecutionExtendedInfo]:
    """Start a workflow that no worker runs, and delete it at the end of the block."""
    service = client.workflow_service
    workflow = WorkflowExecution(workflow_id=f"{NAME}-{uuid.uuid4()}")
    start = StartWorkflowExecutionRequest(
        namespace=namespace,
        workflow_id=workflow.workflow_id,
        workflow_type=WorkflowType(name=NAME),
        task_queue=TaskQueue(name=NAME),
        request_id=workflow.workflow_id,
        search_attributes=SearchAttributes(indexed_fields=attributes or {}),
    )
    if time_skipping:
        start.time_skipping_config.CopyFrom(TimeSkippingConfig(enabled=True))
    else:
        # Together with time skipping the delay would be skipped.
        start.workflow_start_delay.CopyFrom(_duration(NEVER))
    await service.start_workflow_execution(start, timeout=RPC_LIMIT)
    try:
        description = await service.describe_workflow_execution(
            DescribeWorkflowExecutionRequest(namespace=namespace, execution=workflow),
            timeout=RPC_LIMIT,
        )
        yield description.workflow_extended_info
    finally:
        await service.delete_workflow_execution(
            DeleteWorkflowExecutionRequest(namespace=namespace, workflow_execution=workflow),
            timeout=RPC_LIMIT,
        )


def _duration(value: timedelta) -> Duration:
    duration = Duration()
    duration.FromTimedelta(value)
    return duration
