"""The stack of docker-compose.yml on loopback, whose parts can be killed one by one.

Beside what the compose file has, it runs a second worker and the example of an incentive engine,
and its Temporal can skip time.
"""

from __future__ import annotations

import asyncio
import json
import os
import tempfile
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from temporalio.client import Client

from cpor import ClaimsClient, engine
from cpor.contract import search_attributes
from cpor.engine.ports import LOOPBACK
from cpor.plugin import ClaimsPlugin
from cpor.proofs import Signer, jwk
from cpor.store import Store
from tests.engines import quiet
from tests.stack import compose
from tests.stack.browsing import browser
from tests.stack.parts import Part
from tests.stack.programs import Programs
from tests.stack.services import (
    DATABASE,
    MAIL,
    PAGE,
    RECEIVER,
    STORE,
    TEMPORAL,
    WORKERS,
    Services,
)

OURS = (*WORKERS, PAGE, RECEIVER)
DATABASES = ("temporal", "temporal_visibility")


@dataclass
class Stack:
    services: Services
    parts: dict[str, Part] = field(default_factory=dict[str, Part])
    _client: Client | None = field(default=None, init=False)

    @property
    def folder(self) -> Path:
        return self.services.folder

    async def start(self) -> None:
        await asyncio.to_thread(self.services.prepare)
        await self.start_part(DATABASE)
        await asyncio.to_thread(self.services.make_schema)
        await asyncio.gather(*map(self.start_part, (TEMPORAL, STORE, MAIL)))
        retention = timedelta(days=compose.retention_days())
        client = await self.client()
        await engine.register(client, retention=retention, attributes=search_attributes.ALL)
        await asyncio.gather(*map(self.start_part, OURS))

    async def start_part(self, name: str) -> None:
        if name not in self.parts:
            process, answers = self.services.process(name), self.services.answers(name)
            self.parts[name] = Part(process, self.folder, answers)
        await self.parts[name].start()

    async def end(self, *names: str) -> None:
        """Until they are started again, with what is set by then."""
        await asyncio.gather(*(self.parts.pop(name).stop() for name in names))

    async def stop(self) -> None:
        """Who needs another ends before it."""
        first = [part for name, part in self.parts.items() if name not in (TEMPORAL, DATABASE)]
        await asyncio.gather(*(part.stop() for part in first))
        for name in (TEMPORAL, DATABASE):
            if part := self.parts.get(name):
                await part.stop()

    async def saved(self, to: Path) -> None:
        """A dump of each database, as a backup has them."""
        to.mkdir()
        for name in DATABASES:
            file = f"--file={to / name}"
            await self._database("pg_dump", "--format=custom", file, name)

    async def restored(self, of: Path) -> None:
        """In place of what is there; Temporal must not run."""
        for name in DATABASES:
            await self._database("dropdb", "--force", name)
            await self._database("createdb", name)
            await self._database("pg_restore", f"--dbname={name}", str(of / name))

    async def _database(self, *words: str) -> str:
        return await asyncio.to_thread(self.services.of_database, *words)

    async def client(self) -> Client:
        """Always the same one, which finds a Temporal that was killed again."""
        if self._client is None:
            self._client = await Client.connect(
                f"{LOOPBACK}:{self.services.ports[compose.TEMPORAL]}",
                namespace=compose.namespace(),
                plugins=[ClaimsPlugin()],
                runtime=quiet(),
            )
        return self._client

    def signer(self, of: str, ahead: timedelta = timedelta()) -> Signer:
        """With the key of the portal, the reviewers …; ahead by the time that a claim skipped."""
        return Signer(jwk.read(self.key(of)), clock=lambda: datetime.now(UTC) + ahead)

    def key(self, of: str) -> Path:
        return self.folder / "keys" / f"{of}.key.json"

    async def claims(self) -> ClaimsClient:
        """The portal's client."""
        worker = self.services.native(WORKERS[0]).environment
        secret = (self.folder / "secrets/aws_secret_access_key").read_text().strip()
        os.environ |= {k: v for k, v in worker.items() if k.startswith("AWS_")}
        os.environ["AWS_SECRET_ACCESS_KEY"] = secret
        store = Store.open(worker["CLAIMS_STORE_URL"])
        return ClaimsClient(await self.client(), store, signer=self.signer("portal"))

    async def mails(self, message_id: str = "") -> Sequence[Mapping[str, Any]]:
        """What Mailpit shows, of all or of those in whose Message-ID this is."""
        url, most = f"{self.services.url(compose.MAILBOX_UI)}/api/v1", {"limit": "1000000"}
        async with browser() as tab:
            if not message_id:
                return (await tab.get(f"{url}/messages", params=most)).json()["messages"]
            wanted = {"query": f'message-id:"{message_id}"', **most}
            return (await tab.get(f"{url}/search", params=wanted)).json()["messages"]

    def entered(self) -> Sequence[Mapping[str, Any]]:
        """The events that the incentive engine took."""
        return [
            json.loads(line) for line in (self.folder / "ledger.jsonl").read_text().splitlines()
        ]


@asynccontextmanager
async def running(
    programs: Programs, settings: Mapping[str, str] | None = None
) -> AsyncGenerator[Stack]:
    """All of it, with these settings of the workers over those of the compose file."""
    with tempfile.TemporaryDirectory(prefix="claims-stack-") as folder:
        # PostgreSQL runs as another user, and must find its folder.
        Path(folder).chmod(0o711)
        stack = Stack(Services(Path(folder), programs, dict(settings or {})))
        try:
            await stack.start()
            yield stack
        finally:
            await stack.stop()
