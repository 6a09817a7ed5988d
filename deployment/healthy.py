"""Whether the worker of this machine works: 0 when Temporal saw it ask for work lately, else 1."""

from __future__ import annotations

import socket
import sys
from datetime import UTC, datetime, timedelta

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import PollerInfo, TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError

import leaving
from portal.client import TASK_QUEUE
from portal.connection import connect, where
from portal.errors import PortalError

LATELY = timedelta(minutes=3)
"""Longer than a worker waits for work before it asks again."""


async def healthy() -> int:
    try:
        pollers = await _pollers(await connect(where()))
    except (PortalError, RPCError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if any(_is_here(each) and _was_there_lately(each) for each in pollers):
        return 0
    sys.stderr.write(f"No worker of {socket.gethostname()} asked for work lately.\n")
    return 1


async def _pollers(client: Client) -> list[PollerInfo]:
    answer = await client.workflow_service.describe_task_queue(
        DescribeTaskQueueRequest(
            namespace=client.namespace,
            task_queue=TaskQueue(name=TASK_QUEUE),
            task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
        )
    )
    return list(answer.pollers)


def _is_here(poller: PollerInfo) -> bool:
    return poller.identity.endswith(f"@{socket.gethostname()}")


def _was_there_lately(poller: PollerInfo) -> bool:
    return datetime.now(UTC) - poller.last_access_time.ToDatetime(UTC) < LATELY


if __name__ == "__main__":
    leaving.run(healthy())
