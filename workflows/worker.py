"""A Temporal worker for claims."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from temporalio.client import Client
from temporalio.common import VersioningBehavior, WorkerDeploymentVersion
from temporalio.worker import UnsandboxedWorkflowRunner, Worker, WorkerDeploymentConfig
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from cpor.contract.names import TASK_QUEUE
from cpor.rules.pinning import PIN_RULES
from cpor.rules.proof import JUDGE_PROOF
from cpor.stamps import Stamps
from workflows.associations import AssociationsWorkflow
from workflows.claim import ClaimWorkflow
from workflows.dialog import DialogInterceptor
from workflows.guard import Activity, Recogniser, guarded, name_of, postponed
from workflows.proofs import Judge, JudgeOfProofs
from workflows.running_ahead import EvictingRunner
from workflows.stamping import RECOGNISE, StampingInterceptor

GRACE = timedelta(seconds=20)
"""For activities that run when the worker is told to end."""
STICKY_TIMEOUT = timedelta(seconds=5)
"""How long a task waits for the worker that has the claim in its cache, before another takes it."""
ANSWERS = (PIN_RULES, JUDGE_PROOF, RECOGNISE)
"""The activities without which no claim goes on. They change nothing outside."""
DEPLOYMENT = "claims"
"""The name of the worker deployment, which all versions share."""
SANDBOX = SandboxedWorkflowRunner(
    restrictions=SandboxRestrictions.default.with_passthrough_modules("cpor")
)


def claims_worker(
    client: Client,
    activities: Sequence[Activity],
    stamps: Stamps,
    task_queue: str = TASK_QUEUE,
    *,
    sandboxed: bool = False,
    build_id: str | None = None,
    judge: Judge | None = None,
    answers_only: bool = False,
    cached_claims: int = 1000,
) -> Worker:
    """A worker for claims. Its activities serve what bears a stamp of the workers' keys.

    Without a judge of signatures it asks nobody for one. One that `answers_only` drives claims, and
    puts off what they owe.

    The workflow sandbox costs more CPU than everything else, and the rules use neither a clock nor
    I/O. So workers run without it; the tests run in it, to find code that is not deterministic.

    What the SDK calls debug mode runs workflow tasks one after the other in the event loop, where
    no task is taken for a deadlock. Otherwise one that lasts longer than 2 s, as it may on a busy
    machine, is interrupted, often cannot be evicted from the cache afterwards, and its claim stands
    still until the worker is restarted.
    """
    serving = [*activities, Recogniser(stamps).recognise]
    later = [each for each in serving if answers_only and name_of(each) not in ANSWERS]

    def evict(run_id: str) -> None:
        bridge = worker._bridge_worker  # pyright: ignore[reportPrivateUsage]  no public way to evict
        bridge.request_workflow_eviction(run_id)

    worker = Worker(
        client,
        task_queue=task_queue,
        workflows=[ClaimWorkflow, AssociationsWorkflow],
        activities=[
            *(guarded(each, stamps) for each in serving if each not in later),
            *map(postponed, later),
        ],
        interceptors=[
            StampingInterceptor(stamps),
            DialogInterceptor(),
            *([JudgeOfProofs(judge)] if judge else []),
        ],
        workflow_runner=EvictingRunner(
            SANDBOX if sandboxed else UnsandboxedWorkflowRunner(), evict
        ),
        debug_mode=True,
        max_cached_workflows=cached_claims,
        graceful_shutdown_timeout=GRACE,
        sticky_queue_schedule_to_start_timeout=STICKY_TIMEOUT,
        deployment_config=_deployment(build_id) if build_id else None,
    )
    return worker


def _deployment(build_id: str) -> WorkerDeploymentConfig:
    """Claims move to the current version, because they outlive all versions."""
    return WorkerDeploymentConfig(
        WorkerDeploymentVersion(DEPLOYMENT, build_id),
        use_worker_versioning=True,
        default_versioning_behavior=VersioningBehavior.AUTO_UPGRADE,
    )


def set_current_command(build_id: str) -> str:
    """The command that makes this version the current one."""
    which = f"--deployment-name {DEPLOYMENT} --build-id {build_id}"
    return f"temporal worker deployment set-current-version {which}"
