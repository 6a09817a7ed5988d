from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from temporalio.client import Client

from activities import Activities
from settings import LOOPBACK, Settings
from tests.workflows.world import Post, World


@pytest.fixture
async def idle_world(client: Client, tmp_path: Path) -> AsyncIterator[World]:
    """Everything but a worker."""
    async with Post() as post:
        settings = Settings(
            smtp_host=LOOPBACK,
            smtp_port=post.port,
            smtp_tls="none",
            smtp_timeout=5,
            store_url=str(tmp_path / "store"),
            outbox_folder=str(tmp_path / "outbox"),
        )
        yield World(client, settings, f"claims-{tmp_path.name}", post, tmp_path)


@pytest.fixture
async def world(idle_world: World) -> AsyncIterator[World]:
    async with Activities(idle_world.settings) as activities, idle_world.working(activities):
        yield idle_world
