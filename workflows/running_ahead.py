"""A workflow that ran ahead of its tasks leaves the cache, so that its next task begins anew.

A question may wait for a worker together with a task. A worker that is new to the workflow may take
the question first. To answer it, the SDK already handles what the task is about to bring, such as
the result of an activity. A message that comes with the task is then handled after that result, but
a replay handles messages first: its commands come in another order, and the workflow stands still.

The SDK doesn't say that an activation belongs to no task. So a workflow leaves the cache when a
question follows the first step after its replay. At worst that costs one more replay.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from temporalio.bridge.proto.workflow_activation import WorkflowActivation
from temporalio.bridge.proto.workflow_completion import WorkflowActivationCompletion
from temporalio.worker import WorkflowInstance, WorkflowInstanceDetails, WorkflowRunner
from temporalio.workflow import Info

OUTSIDE_OF_TASKS = "legacy_query"
"""The id of a question that came by itself. Those that come with a task have ids of their own."""

Evict = Callable[[str], None]
"""Removes a run from the worker's cache, once it has done what it does."""


class EvictingRunner(WorkflowRunner):
    """Runs workflows by another runner, and evicts those that may have run ahead."""

    def __init__(self, runner: WorkflowRunner, evict: Evict) -> None:
        self._runner = runner
        self._evict = evict

    def prepare_workflow(self, defn: Any) -> None:
        self._runner.prepare_workflow(defn)

    def create_instance(self, det: WorkflowInstanceDetails) -> WorkflowInstance:
        return _Instance(self._runner.create_instance(det), self._evict)

    def set_worker_level_failure_exception_types(
        self, types: Sequence[type[BaseException]]
    ) -> None:
        self._runner.set_worker_level_failure_exception_types(types)


class _Instance(WorkflowInstance):
    def __init__(self, instance: WorkflowInstance, evict: Evict) -> None:
        self._instance = instance
        self._evict = evict
        self._was_replayed = False
        self._length_when_new: int | None = None

    def activate(self, act: WorkflowActivation) -> WorkflowActivationCompletion:
        if not act.is_replaying:
            self._length_when_new = self._length_when_new or act.history_length
        elif not _is_question(act):
            self._was_replayed = True
        elif self._was_replayed and act.history_length == self._length_when_new:
            self._evict(act.run_id)
        return self._instance.activate(act)

    def get_serialization_context(self, command_info: Any) -> Any:
        return self._instance.get_serialization_context(command_info)

    def get_external_store_context(self, command_info: Any) -> Any:
        return self._instance.get_external_store_context(command_info)

    def get_info(self) -> Info:
        return self._instance.get_info()

    def get_thread_id(self) -> int | None:
        return self._instance.get_thread_id()


def _is_question(act: WorkflowActivation) -> bool:
    return any(job.query_workflow.query_id == OUTSIDE_OF_TASKS for job in act.jobs)
