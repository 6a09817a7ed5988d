"""A world whose workers ask who speaks, with keys in a file."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from activities import Activities
from cpor.proofs.trust import Trust
from cpor.rules.proof import ProofMode
from tests.examples import PARTNER, opening
from tests.proofs.keys import now, signer, trust
from tests.workflows.world import Handle, World
from workflows.worker import claims_worker

ADA = {**PARTNER, "partner_role": "incentives_admin"}


@dataclass
class Proving:
    """A world whose workers ask who speaks."""

    world: World
    activities: Activities
    file: Path

    async def open(self, kid: str | None = "portal", **changes: Any) -> Handle:
        claim_id = self.world.new_id()
        self.world.keep_proof(claim_id)
        sent: Mapping[str, Any] = opening(claim_id, **{"by": ADA, **changes})
        if kid:
            sent = signer(kid).sign(claim_id, "open", sent)
        return await self.world.start(claim_id, sent)

    async def tell(
        self,
        handle: Handle,
        kid: str,
        name: str,
        clock: Callable[[], datetime] = now,
        **message: Any,
    ) -> dict[str, Any]:
        return await self.world.tell(handle, name, **signed(handle, kid, name, clock, **message))

    async def write(self, trusted: Trust | None = None) -> None:
        write(self.file, trusted or trust())
        await self.activities.proofs.keys.read()


def signed(
    handle: Handle, kid: str, name: str, clock: Callable[[], datetime] = now, **message: Any
) -> dict[str, Any]:
    return signer(kid, clock).sign(handle.id, name, message)


def write(file: Path, trusted: Trust) -> None:
    entries = [key.model_dump(mode="json") for key in trusted.keys.values()]
    file.write_text(json.dumps({"keys": entries}), "utf-8")


@asynccontextmanager
async def proving(world: World, mode: ProofMode = "require") -> AsyncGenerator[Proving]:
    file = world.folder / "trusted-keys.json"
    if not file.exists():
        write(file, trust())
    changes = {"proofs": mode, "trusted_keys": str(file)}
    settings = world.settings.model_copy(update=changes)
    async with (
        Activities(settings) as activities,
        claims_worker(
            world.client,
            activities.all,
            activities.stamps,
            world.task_queue,
            sandboxed=True,
            judge=activities.proofs,
        ),
    ):
        yield Proving(world, activities, file)
