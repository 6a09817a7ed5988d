"""A tenant on the real engine, whose claims call its associations as their activities do."""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from temporalio.client import WorkflowExecutionStatus, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.service import RPCError

from activities.associations import AssociationsActivity
from cpor.rules.associations.calls import CALLS, Answer
from cpor.rules.associations.telling import workflow_id_of
from cpor.stamps import Stamps
from tests.rules.play import MONDAY
from tests.rules.tenant import TEAMS
from tests.workflows.standing_in import StandIns
from tests.workflows.world import LIMIT, Handle, World, ask


@dataclass
class Tenant:
    """Claims call its associations as their activities do. Without stand-ins they are over."""

    world: World
    stand_ins: StandIns | None = None
    tenant_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    rounds: Counter[str] = field(default_factory=Counter[str])

    @property
    def id(self) -> str:
        return workflow_id_of(self.tenant_id)

    @property
    def handle(self) -> Handle:
        return self.world.client.get_workflow_handle(self.id)

    @property
    def stamps(self) -> Stamps:
        return Stamps.of(self.world.settings)

    def call(self, claim_id: str, **more: Any) -> dict[str, Any]:
        self.rounds[claim_id] += 1
        known = {"tenant_id": self.tenant_id, "claim_id": claim_id, "at": MONDAY}
        return {**known, "round": self.rounds[claim_id], **more}

    def wish(self, claim_id: str, *items: str) -> dict[str, Any]:
        return self.call(
            claim_id, mpn_id="4912345", items=items or [TEAMS], first_submitted_at=MONDAY
        )

    async def say(self, name: str, call: Mapping[str, Any]) -> Answer:
        """Until it is answered, as an activity does."""
        told = CALLS[name].model_validate(call)
        if self.stand_ins and name == "enter":
            await self.stand_ins.begin(told.claim_id)
        client, queue = self.world.client, self.world.task_queue
        associations = AssociationsActivity(self.stamps)
        async with asyncio.timeout(LIMIT):
            while True:
                with contextlib.suppress(RPCError, WorkflowUpdateRPCTimeoutOrCancelledError):
                    return await associations.call(client, queue, told)

    async def enter(self, claim_id: str, *items: str) -> Answer:
        return await self.say("enter", self.wish(claim_id, *items))

    async def award(self, claim_id: str, *items: str, displaces: Sequence[str] = ()) -> Answer:
        call = self.call(claim_id, items=items or [TEAMS], displaces=displaces)
        return await self.say("award", call)

    async def release(self, claim_id: str, ended: str = "withdrawn") -> Answer:
        return await self.say("release", self.call(claim_id, ended=ended))

    async def holder(self, item: str = TEAMS) -> str | None:
        holder = (await ask(self.handle, "item", item))["holder"]
        return holder and holder["claim_id"]

    async def until_closed(self) -> None:
        async def closed() -> bool:
            return (await self.handle.describe()).status is WorkflowExecutionStatus.COMPLETED

        await self.world.until(closed)
