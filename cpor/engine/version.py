"""The oldest Temporal server that works, and why."""

from __future__ import annotations

import re
from typing import Final

from temporalio.api.workflowservice.v1 import GetSystemInfoRequest
from temporalio.client import Client
from temporalio.service import RPCError

from cpor.engine.errors import EngineUnfit
from cpor.engine.probe import RPC_LIMIT

OLDEST: Final = (1, 28, 0)
WHY: Final = "an older one cannot have a late debt tried at once (the request ResetActivity)"


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
