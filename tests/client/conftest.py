"""A portal's client of the same engine that the workflow tests use."""

from __future__ import annotations

import pytest

from cpor import ClaimsClient
from cpor.store import Store
from tests.client.lives import emptied
from tests.patience import PATIENT
from tests.workflows.world import World


@pytest.fixture
def claims(world: World) -> ClaimsClient:
    store = Store.open(world.settings.store_url)
    return ClaimsClient(world.client, store, world.task_queue, answer_timeout=PATIENT)


@pytest.fixture
def claims_of_nobody(idle_world: World) -> ClaimsClient:
    """No worker is there."""
    store = Store.open(idle_world.settings.store_url)
    return ClaimsClient(idle_world.client, store, idle_world.task_queue, answer_timeout=PATIENT)


@pytest.fixture
async def elsewhere(world: World, claims: ClaimsClient) -> ClaimsClient:
    """Of the same store, with an engine that has forgotten all claims."""
    client = await emptied(world)
    return ClaimsClient(client, claims.store, world.task_queue, answer_timeout=PATIENT)
