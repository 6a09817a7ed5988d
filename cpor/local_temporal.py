"""How our own programs find Temporal: where it is configured, or at a worker on this machine."""

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
from temporalio.envconfig import ClientConnectConfig
from temporalio.runtime import Runtime, TelemetryConfig

from cpor import engine
from cpor.client import connection
from cpor.client.connection import USUAL_ADDRESS

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

    def page_of(self, claim_id: str) -> str | None:
        """The claim's page in the Temporal UI."""
        return self.ui and f"{self.ui}/namespaces/{self.namespace}/workflows/{claim_id}"


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


@cache
def _keep_output_clean() -> None:
    """The SDK's core would write its warnings to standard output, among what commands print.

    A process that has chosen a runtime of its own keeps it.
    """
    with suppress(RuntimeError):
        Runtime.set_default(Runtime(telemetry=TelemetryConfig(logging=None)))
