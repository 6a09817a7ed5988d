"""Engines as tests need them: real ones, with a namespace in which claims can be searched."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta

from temporalio.client import Client
from temporalio.runtime import Runtime, TelemetryConfig

from cpor import engine
from cpor.contract import search_attributes
from cpor.plugin import ClaimsPlugin

NAMESPACE = "claims-tests"


async def connected(address: str, runtime: Runtime | None = None) -> Client:
    return await Client.connect(
        address, namespace=NAMESPACE, plugins=[ClaimsPlugin()], runtime=runtime
    )


def quiet() -> Runtime:
    """Else the SDK prints a line for each call that it repeats while Temporal is away."""
    return Runtime(telemetry=TelemetryConfig(logging=None))


async def registered(client: Client) -> Client:
    await engine.register(client, retention=timedelta(days=1), attributes=search_attributes.ALL)
    return client


@asynccontextmanager
async def that_skips_time() -> AsyncGenerator[Client]:
    """A client of an engine of its own."""
    async with engine.running(port=0, ui_port=None, time_skipping=True) as running:
        yield await registered(await connected(running.address))
