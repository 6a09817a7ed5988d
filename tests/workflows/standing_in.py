"""Claims that are names only on the engine: each hears what it is told, and does nothing."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

from temporalio import workflow
from temporalio.common import RawValue, WorkflowIDConflictPolicy
from temporalio.service import RPCError
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from cpor.rules.associations.telling import Heard
from tests.workflows.world import World


@workflow.defn(name="StandIn")
class StandIn:
    @workflow.run
    async def run(self) -> None:
        await workflow.wait_condition(lambda: False)

    @workflow.update(dynamic=True)
    async def told(self, name: str, payloads: Sequence[RawValue]) -> Heard:
        return Heard(outcome="heard")


@dataclass
class StandIns:
    world: World
    queue: str
    begun: set[str] = field(default_factory=set[str])

    async def begin(self, claim_id: str) -> None:
        if claim_id not in self.begun:
            self.begun.add(claim_id)
            await self.world.client.start_workflow(
                "StandIn",
                id=claim_id,
                task_queue=self.queue,
                id_conflict_policy=WorkflowIDConflictPolicy.TERMINATE_EXISTING,
            )

    async def end(self) -> None:
        for claim_id in self.begun:
            with suppress(RPCError):
                await self.world.client.get_workflow_handle(claim_id).terminate()


@asynccontextmanager
async def standing_in(world: World) -> AsyncGenerator[StandIns]:
    stand_ins = StandIns(world, f"stand-ins-{world.task_queue}")
    async with Worker(
        world.client,
        task_queue=stand_ins.queue,
        workflows=[StandIn],
        workflow_runner=UnsandboxedWorkflowRunner(),
    ):
        yield stand_ins
        await stand_ins.end()
