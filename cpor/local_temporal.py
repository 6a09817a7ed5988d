"""Temporal for our own programs: the configured one, or an engine on this machine."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import socket
from collections.abc import AsyncGenerator, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path
from secrets import token_hex

from temporalio.client import Client
from temporalio.envconfig import ClientConnectConfig
from temporalio.runtime import Runtime, TelemetryConfig

from cpor import engine
from cpor.client import connection
from cpor.client.connection import USUAL_ADDRESS
from cpor.contract import search_attributes
from cpor.engine.environment import new_enough
from cpor.settings import Settings

DATA = Path("var/temporal.db")
EMBEDDED = Path("var/engine.json")
"""Where a worker with an embedded engine writes its address."""
NAMESPACE = "default"
IDENTITY = f"{os.getpid()}@{socket.gethostname()}#{token_hex(4)}"
"""What Temporal knows this process by: in containers, all processes have the same pid."""


@dataclass(frozen=True)
class Where:
    """What a client connects with, and the address of the UI where it is known."""

    options: ClientConnectConfig = field(default_factory=ClientConnectConfig)
    ui: str | None = None

    @property
    def address(self) -> str:
        return self.options.get("target_host", USUAL_ADDRESS)

    @property
    def namespace(self) -> str:
        return self.options.get("namespace", NAMESPACE)

    def page_of(self, claim_id: str, run_id: str | None = None) -> str | None:
        """The page of the claim in the Temporal UI, by default that of its newest run."""
        run = f"/{run_id}" if run_id else ""
        return self.ui and f"{self.ui}/namespaces/{self.namespace}/workflows/{claim_id}{run}"


def where() -> Where:
    """The configured Temporal, else an embedded engine that runs here, else the usual address."""
    if options := engine.configured():
        return Where(options)
    try:
        found = json.loads(EMBEDDED.read_text("utf-8"))
        return Where(ClientConnectConfig(target_host=found["address"]), found["ui"])
    except (OSError, ValueError, KeyError, TypeError):
        return Where()


async def connect(place: Where) -> Client:
    """A Temporal client that writes nothing to standard output."""
    _keep_output_clean()
    return await connection.connect(place.options, IDENTITY)


@dataclass(frozen=True)
class Temporal:
    client: Client
    engine_failed: asyncio.Future[engine.EngineFailed]
    """Done when an engine of our own ends by itself."""


@contextlib.asynccontextmanager
async def temporal(
    settings: Settings, port: int, ui_port: int, tell: Callable[[str], None]
) -> AsyncGenerator[Temporal]:
    """Connect to the configured Temporal, or start an engine until the end of the block."""
    if options := engine.configured():
        yield Temporal(
            await _configured(Where(options), tell), asyncio.get_running_loop().create_future()
        )
        return
    DATA.parent.mkdir(parents=True, exist_ok=True)
    async with engine.running(data=DATA, port=port, ui_port=ui_port, tell=tell) as running:
        place = Where(ClientConnectConfig(target_host=running.address), running.ui)
        client = await connect(place)
        await register(client, settings)
        found = {"address": running.address, "ui": running.ui, "pids": dict(running.pids)}
        EMBEDDED.write_text(json.dumps(found), "utf-8")
        tell(f"{running.origin}, at {running.address}; its data is in {DATA}.")
        tell(f"Look at the claims at {running.ui}")
        try:
            yield Temporal(client, running.died)
        finally:
            EMBEDDED.unlink(missing_ok=True)


async def register(client: Client, settings: Settings) -> None:
    """Create the namespace and the search attributes that claims need, on an engine of our own."""
    await engine.register(
        client, retention=timedelta(days=settings.retention_days), attributes=search_attributes.ALL
    )


async def _configured(place: Where, tell: Callable[[str], None]) -> Client:
    """A client, if the server is new enough and has the search attributes: none are created."""
    client = await connect(place)
    await new_enough(client)
    problems = await engine.missing_attributes(client, search_attributes.ALL)
    if problems:
        raise engine.RegistrationFailed("\n".join(str(problem) for problem in problems))
    tell(f"Temporal is at {place.address}, namespace {client.namespace}.")
    return client


@cache
def _keep_output_clean() -> None:
    """The SDK's core would write its warnings to standard output, among what commands print.

    A process that has chosen a runtime of its own keeps it.
    """
    with suppress(RuntimeError):
        Runtime.set_default(Runtime(telemetry=TelemetryConfig(logging=None)))
