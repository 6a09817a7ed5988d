"""The Temporal that a worker uses: the configured one, or an engine of its own."""

from __future__ import annotations

import asyncio
import contextlib
import json
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from temporalio.client import Client
from temporalio.envconfig import ClientConnectConfig

from cpor import engine
from cpor.client.connection import EMBEDDED, Where, connect
from cpor.contract import search_attributes
from cpor.engine.version import new_enough
from cpor.plugin import DATA_CONVERTER
from cpor.settings import Settings

DATA = Path("var/temporal.db")


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
        client = await connect(place, DATA_CONVERTER)
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
        client,
        namespace=client.namespace,
        retention=timedelta(days=settings.retention_days),
        attributes=search_attributes.TYPES,
    )


async def _configured(place: Where, tell: Callable[[str], None]) -> Client:
    """A client, if the server is new enough and has the search attributes: none are created."""
    client = await connect(place, DATA_CONVERTER)
    await new_enough(client)
    problems = await engine.missing_attributes(client, client.namespace, search_attributes.TYPES)
    if problems:
        raise engine.RegistrationFailed("\n".join(str(problem) for problem in problems))
    tell(f"Temporal is at {place.address}, namespace {client.namespace}.")
    return client
