"""The Temporal that the environment or `temporal.toml` configures."""

from __future__ import annotations

from temporalio.envconfig import ClientConfig, ClientConnectConfig

from cpor.engine.errors import NotConfigured


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
