"""A shell for each test, and imports on the engine of the session."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from cpor.store import Store
from tests.bulk.imports import CountingClient, Imports
from tests.shell import Shell, shell_in
from tests.workflows.world import World


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    with shell_in(tmp_path) as shell:
        yield shell


@pytest.fixture
def claims(idle_world: World) -> CountingClient:
    kept = Store.open(idle_world.settings.store_url)
    return CountingClient(idle_world.client, kept, idle_world.task_queue)


@pytest.fixture
def imports(idle_world: World, claims: CountingClient) -> Imports:
    return Imports(idle_world, claims)
