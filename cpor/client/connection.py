"""A Temporal client for claims."""

from __future__ import annotations

from temporalio.client import Client
from temporalio.envconfig import ClientConfig, ClientConnectConfig
from temporalio.service import RPCError

from cpor.client.errors import EngineUnreachable, PortalError
from cpor.payloads import with_our_payloads

USUAL_ADDRESS = "127.0.0.1:7233"


def configured() -> ClientConnectConfig:
    """What the variables `TEMPORAL_…` and `temporal.toml` say."""
    try:
        return ClientConfig.load_client_connect_config()
    except (RuntimeError, ValueError, OSError) as error:
        raise PortalError(
            f"The Temporal settings in the environment or temporal.toml can't be used: {error}"
        ) from error


async def connect(options: ClientConnectConfig, identity: str | None = None) -> Client:
    """Where the options name no address, the SDK's usual one is tried."""
    whole = ClientConnectConfig(**options)
    address = whole.setdefault("target_host", USUAL_ADDRESS)
    try:
        # Not by the plugin, which would load the SDK's worker into every command.
        return await Client.connect(**whole, data_converter=with_our_payloads(), identity=identity)
    except (RuntimeError, RPCError) as error:
        raise EngineUnreachable(
            f"No Temporal answers at {address}. Start one with: uv run worker.py "
            "(or set TEMPORAL_ADDRESS)."
        ) from error
