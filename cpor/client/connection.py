"""Where Temporal is, and a client for it."""

from __future__ import annotations

import json
import os
import socket
from contextlib import suppress
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from secrets import token_hex

from temporalio.client import Client
from temporalio.contrib.pydantic import pydantic_data_converter
from temporalio.converter import DataConverter
from temporalio.envconfig import ClientConnectConfig
from temporalio.runtime import Runtime, TelemetryConfig
from temporalio.service import RPCError

from cpor import engine
from cpor.client.errors import EngineUnreachable

EMBEDDED = Path("var/engine.json")
"""Where a worker with an engine of its own says where that listens."""
USUAL_ADDRESS = "127.0.0.1:7233"
NAMESPACE = "default"
IDENTITY = f"{os.getpid()}@{socket.gethostname()}#{token_hex(4)}"
"""What Temporal knows this process by: containers all have the same pid."""


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

    def page_of(self, claim_id: str) -> str | None:
        """The claim's page in the Temporal UI."""
        return self.ui and f"{self.ui}/namespaces/{self.namespace}/workflows/{claim_id}"


def where() -> Where:
    """The configured Temporal, else the engine of a worker that runs here, else the usual place."""
    if options := engine.configured():
        return Where(options)
    try:
        found = json.loads(EMBEDDED.read_text("utf-8"))
        return Where(ClientConnectConfig(target_host=found["address"]), found["ui"])
    except (OSError, ValueError, KeyError, TypeError):
        return Where()


async def connect(place: Where, converter: DataConverter = pydantic_data_converter) -> Client:
    _keep_output_clean()
    options = ClientConnectConfig(**place.options)
    options.setdefault("target_host", place.address)
    options.setdefault("namespace", place.namespace)
    try:
        return await Client.connect(**options, data_converter=converter, identity=IDENTITY)
    except (RuntimeError, RPCError) as error:
        raise EngineUnreachable(
            f"No Temporal answers at {place.address}. Start one with: uv run worker.py "
            "(or set TEMPORAL_ADDRESS)."
        ) from error


@cache
def _keep_output_clean() -> None:
    """The SDK's core would write its warnings to standard output, among what commands print.

    A process that has chosen a runtime of its own keeps it.
    """
    with suppress(RuntimeError):
        Runtime.set_default(Runtime(telemetry=TelemetryConfig(logging=None)))
