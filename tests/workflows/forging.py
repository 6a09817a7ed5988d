"""Somebody who reaches the engine has a worker, too, and hands on what they made up."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from temporalio import workflow
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from tests.workflows.world import World


@workflow.defn(name="Forger")
class Forger:
    """Hands on, as a workflow of ours would to its next run."""

    @workflow.run
    async def run(self, task_queue: str, ours: str, args: Sequence[Any]) -> None:
        workflow.continue_as_new(args=list(args), task_queue=task_queue, workflow=ours)


@asynccontextmanager
async def forging(world: World, *more: type) -> AsyncGenerator[str]:
    """A worker of theirs, on a task queue of its own, with `Forger` and more workflows."""
    queue = f"forgers-{world.task_queue}"
    async with Worker(
        world.client,
        task_queue=queue,
        workflows=[Forger, *more],
        workflow_runner=UnsandboxedWorkflowRunner(),
    ):
        yield queue
