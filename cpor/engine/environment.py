"""The Temporal that the environment or `temporal.toml` configures, and the oldest that works."""

from __future__ import annotations

import re
from typing import Final

from temporalio.api.workflowservice.v1 import GetSystemInfoRequest
from temporalio.client import Client
from temporalio.envconfig import ClientConfig, ClientConnectConfig
from temporalio.service import RPCError

from cpor.engine.errors import EngineUnfit, NotConfigured
from cpor.engine.probe import RPC_LIMIT

OLDEST: Final = (1, 28, 0)
WHY: Final = "an older one cannot have a late debt tried at once (the request ResetActivity)"


def configured() -> ClientConnectConfig | None:
    """What `Client.connect` takes, if the environment or a profile of `temporal.toml` names an
    address; None if neither does, and an engine of our own is wanted."""
    try:
        config = ClientConfig.load_client_connect_config()
    except (RuntimeError, ValueError, OSError) as error:
        raise NotConfigured(
            f"The Temporal settings in the environment or temporal.toml can't be used: {error}"
        ) from error
    return config if config.get("target_host") else None


async def new_enough(client: Client) -> str:
    """The server's version; raises `EngineUnfit` where it is too old.

    A version that cannot be parsed is accepted: it is a custom build.
    """
    try:
        told = await client.workflow_service.get_system_info(
            GetSystemInfoRequest(), retry=True, timeout=RPC_LIMIT
        )
    except RPCError as error:
        raise EngineUnfit(f"The Temporal server does not tell its version: {error}") from error
    version = told.server_version
    found = re.match(r"v?(\d+)\.(\d+)\.(\d+)", version)
    if found and tuple(int(number) for number in found.groups()) < OLDEST:
        wanted = ".".join(str(number) for number in OLDEST)
        raise EngineUnfit(f"The Temporal server is {version}; {wanted} or later is needed: {WHY}.")
    return version
