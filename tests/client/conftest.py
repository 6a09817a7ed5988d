"""A portal's client of the same engine that the workflow tests use."""

from __future__ import annotations

import pytest

from cpor import ClaimsClient
from cpor.store import Store
from tests.client.lives import emptied
from tests.workflows.world import World


@pytest.fixture
def claims(world: World) -> ClaimsClient:
    return ClaimsClient(world.client, Store.open(world.settings.store_url), world.task_queue)


@pytest.fixture
def claims_of_nobody(idle_world: World) -> ClaimsClient:
    """No worker is there."""
    store = Store.open(idle_world.settings.store_url)
    return ClaimsClient(idle_world.client, store, idle_world.task_queue)


@pytest.fixture
async def elsewhere(world: World, claims: ClaimsClient) -> ClaimsClient:
    """Of the same store, with an engine that has forgotten all claims."""
    return ClaimsClient(await emptied(world), claims.store, world.task_queue)
