"""A worker process that kills itself at a boundary: at a workflow task's end, around an activity.

The processes are forked from one that has imported everything, so that each starts in no time.
"""

from __future__ import annotations

import asyncio
import os
import signal
from dataclasses import dataclass
from datetime import timedelta
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from temporalio import activity
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.bridge.worker import Worker as BridgeWorker
from temporalio.client import Client
from temporalio.client import Interceptor as ClientInterceptor
from temporalio.worker import ActivityInboundInterceptor, ExecuteActivityInput, Interceptor

from activities import Activities
from cpor.plugin import ClaimsPlugin
from cpor.settings import Settings
from workflows import claim, guard, worker

NEVER = 0
SOON_MISSED = timedelta(seconds=3)
"""So long the engine waits for a sign of life; the tests need not wait as long as others."""
_processes = get_context("forkserver")
_processes.set_forkserver_preload(["tests.reliability.mortal"])


@dataclass(frozen=True)
class Place:
    """Where a worker works."""

    address: str
    namespace: str
    task_queue: str
    settings: Settings


class Boundaries:
    """Counts them, writes each down, and dies at the one that was chosen."""

    def __init__(self, dies_at: int, log: Path) -> None:
        self._left = dies_at
        self._file = os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    def reached(self, name: str) -> None:
        self._left -= 1
        os.write(self._file, f"{name}\n".encode())
        if self._left == 0:
            os.write(self._file, b"killed\n")
            os.kill(os.getpid(), signal.SIGKILL)


class _AroundActivities(ActivityInboundInterceptor):
    boundaries: Boundaries

    async def execute_activity(self, input: ExecuteActivityInput) -> Any:
        name = activity.info().activity_type
        self.boundaries.reached(f"before {name}")
        task = asyncio.ensure_future(self.next.execute_activity(input))
        await asyncio.wait({task}, timeout=0.003)
        self.boundaries.reached(f"during {name}")
        result = await task
        self.boundaries.reached(f"after {name}, its result not told")
        return result


class _Around(ClientInterceptor, Interceptor):
    def __init__(self, boundaries: Boundaries) -> None:
        self._boundaries = boundaries

    def intercept_activity(self, next: ActivityInboundInterceptor) -> ActivityInboundInterceptor:
        around = _AroundActivities(next)
        around.boundaries = self._boundaries
        return around


def _is_a_task(completion: WorkflowActivationCompletion) -> bool:
    """Not a question, and not a claim that leaves the cache."""
    return any(not each.HasField("respond_to_query") for each in completion.successful.commands)


async def _work(place: Place, boundaries: Boundaries) -> None:
    complete = BridgeWorker.complete_workflow_activation

    async def completed(self: BridgeWorker, comp: WorkflowActivationCompletion) -> None:
        if not _is_a_task(comp):
            await complete(self, comp)
            return
        boundaries.reached("end of a workflow task, not told")
        await complete(self, comp)
        boundaries.reached("end of a workflow task, told")

    BridgeWorker.complete_workflow_activation = completed
    claim.SILENCE, guard.BEAT = SOON_MISSED, SOON_MISSED.total_seconds() / 6
    worker.STICKY_TIMEOUT = timedelta(seconds=1)
    client = await Client.connect(
        place.address,
        namespace=place.namespace,
        plugins=[ClaimsPlugin()],
        interceptors=[_Around(boundaries)],
    )
    async with (
        Activities(place.settings) as activities,
        worker.claims_worker(client, activities.all, activities.stamps, place.task_queue),
    ):
        await asyncio.Event().wait()


def _main(place: Place, dies_at: int, log: Path) -> None:
    said = os.open(f"{log}.said", os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    os.dup2(said, 1)
    os.dup2(said, 2)
    asyncio.run(_work(place, Boundaries(dies_at, log)))


def started(place: Place, log: Path, dies_at: int = NEVER) -> BaseProcess:
    process = _processes.Process(target=_main, args=(place, dies_at, log), daemon=True)
    process.start()
    return process
