"""A world for claims: a real engine, real mails, real files; only the days are skipped."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any, TypeVar, cast

import pytest
from temporalio.client import Client, WorkflowHandle
from temporalio.testing import TimeSkipper
from temporalio.worker import Worker

import local_mailbox
from activities import Activities
from settings import Settings
from tests.examples import PROOF, opening
from worker import claims_worker

Handle = WorkflowHandle[Any, Any]
T = TypeVar("T")
LIMIT = 20.0
_numbers = itertools.count(1)


@dataclass
class World:
    """What a test of a claim's life needs at hand."""

    client: Client
    skipper: TimeSkipper
    settings: Settings
    task_queue: str
    mail: Path
    store: Path
    outbox: Path

    def working(self, activities: Activities) -> Worker:
        return claims_worker(self.client, activities, self.task_queue)

    def new_id(self) -> str:
        return f"TEST-{next(_numbers):04}"

    async def open(self, data: object = None, *, workflow_id: str | None = None) -> Handle:
        """Start a claim whose days pass only when the test says so."""
        if data is None:
            data = opening(self.new_id())
        if workflow_id is None:
            workflow_id = cast("dict[str, str]", data)["claim_id"]
        self.keep_proof(workflow_id)
        with self.skipper.with_time_skipping_disabled():
            return await self.skipper.client.start_workflow(
                "Claim", data, id=workflow_id, task_queue=self.task_queue
            )

    def keep_proof(self, claim_id: str, content: bytes = PROOF) -> None:
        """Where a client puts a proof file before the message that names it."""
        place = self.store / "incoming" / claim_id / hashlib.sha256(content).hexdigest()
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)

    async def tell(self, handle: Handle, name: str, **message: Any) -> dict[str, Any]:
        return await handle.execute_update(name, message, result_type=dict)

    async def claim(self, handle: Handle) -> dict[str, Any]:
        return await handle.query("claim", result_type=dict)

    async def skip(self, handle: Handle, time: timedelta) -> bool:
        return await self.skipper.fast_forward(handle, time)

    async def until(self, condition: Callable[[], Awaitable[T]]) -> T:
        """Wait until it is true, with a limit."""
        async with asyncio.timeout(LIMIT):
            while not (found := await condition()):
                await asyncio.sleep(0.02)
            return found

    async def until_claim(self, handle: Handle, **wanted: Any) -> dict[str, Any]:
        async def fits() -> dict[str, Any] | None:
            claim = await self.claim(handle)
            return claim if wanted.items() <= claim.items() else None

        return await self.until(fits)

    def mails(self, claim_id: str, kind: str | None = None) -> list[EmailMessage]:
        parser = BytesParser(policy=policy.default)
        mails = [parser.parsebytes(path.read_bytes()) for path in sorted(self.mail.glob("*.eml"))]
        return [
            mail
            for mail in mails
            if mail["X-Claim-Id"] == claim_id and kind in (None, mail["X-Notice"])
        ]


@pytest.fixture
async def world(client: Client, tmp_path: Path) -> AsyncIterator[World]:
    async with local_mailbox.listening(tmp_path / "mail", 0) as mailbox:
        settings = Settings(
            mailbox_port=mailbox.port,
            mailbox_folder=str(tmp_path / "mail"),
            store_url=str(tmp_path / "store"),
            outbox_folder=str(tmp_path / "outbox"),
        )
        world = World(
            client=client,
            skipper=TimeSkipper(client),
            settings=settings,
            task_queue=f"claims-{tmp_path.name}",
            mail=tmp_path / "mail",
            store=tmp_path / "store",
            outbox=tmp_path / "outbox",
        )
        async with Activities(settings) as activities, world.working(activities):
            yield world
