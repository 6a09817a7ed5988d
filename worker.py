"""Runs the worker: against the configured Temporal, or with an engine of its own beside it."""

from __future__ import annotations

from datetime import timedelta

from temporalio.client import Client
from temporalio.worker import Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from activities import Activities
from workflows.claim import ClaimWorkflow

TASK_QUEUE = "claims"
GRACE = timedelta(seconds=30)
_RULES_RUN_AS_THEY_ARE = SandboxedWorkflowRunner(
    restrictions=SandboxRestrictions.default.with_passthrough_modules("claims", "pydantic_core")
)


def claims_worker(client: Client, activities: Activities, task_queue: str = TASK_QUEUE) -> Worker:
    return Worker(
        client,
        task_queue=task_queue,
        workflows=[ClaimWorkflow],
        activities=activities.all,
        workflow_runner=_RULES_RUN_AS_THEY_ARE,
        graceful_shutdown_timeout=GRACE,
    )
