"""The customer's page over real HTTP, beside a real engine, a worker and a mail server."""

from __future__ import annotations

from collections.abc import AsyncIterator

import httpx
import pytest
from pydantic import SecretStr

from activities import Activities
from cpor.client.client import ClaimsClient
from cpor.links import SignedLinks
from cpor.page.app import app
from cpor.page.kept_noes import KeptNoes
from cpor.page.server import listening, served
from cpor.settings import LOOPBACK
from cpor.store import Store
from tests.page.site import Counting, Site
from tests.patience import PATIENT
from tests.workflows.world import World

SECRET = "a secret of the tests that is long enough".replace(" ", "-")


@pytest.fixture
async def idle_site(idle_world: World) -> AsyncIterator[Site]:
    """No worker is there."""
    world = idle_world
    with listening(LOOPBACK, 0) as listener:
        address = f"http://{LOOPBACK}:{listener.getsockname()[1]}"
        world.settings = world.settings.model_copy(
            update={"decline_url": address, "link_secret": SecretStr(SECRET)}
        )
        links = SignedLinks.of(world.settings)
        assert links is not None
        store = Store.open(world.settings.store_url)
        claims = ClaimsClient(world.client, store, world.task_queue, answer_timeout=PATIENT)
        noes = KeptNoes(claims, counted := Counting())
        async with (
            served(app(claims, links, world.settings, noes=noes), listener),
            httpx.AsyncClient(
                verify=False, timeout=180, headers={"Accept-Language": "en"}
            ) as browser,
        ):
            yield Site(world, claims, links, browser, counted)


@pytest.fixture
async def site(idle_site: Site) -> AsyncIterator[Site]:
    world = idle_site.world
    async with Activities(world.settings) as activities, world.working(activities):
        yield idle_site
