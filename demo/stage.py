"""Everything that the demo runs on: an engine, a mailbox, a worker and the customer's page."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import SecretStr
from temporalio.client import Client
from temporalio.envconfig import ClientConnectConfig
from temporalio.testing import TimeSkipper

from activities import Activities
from cpor import engine, local_mailbox
from cpor.client.client import ClaimsClient
from cpor.links import SignedLinks
from cpor.local_temporal import Where, connect, register
from cpor.page import server
from cpor.page.app import app
from cpor.settings import LOOPBACK, Settings
from cpor.store import Store
from workflows.worker import claims_worker

FOLDER = Path("var/demo")


@dataclass(frozen=True)
class Stage:
    client: Client
    claims: ClaimsClient
    skipper: TimeSkipper
    settings: Settings
    temporal: Where
    died: asyncio.Future[engine.EngineFailed]

    @property
    def mailbox(self) -> Path:
        return Path(self.settings.mailbox_folder)

    @property
    def outbox(self) -> Path:
        return Path(self.settings.outbox_folder)


def own_settings() -> Settings:
    """The defaults, whatever is set: a demo must not reach any other system."""
    return Settings.model_construct(
        mailbox_folder=str(FOLDER / "mail"),
        store_url=str(FOLDER / "store"),
        outbox_folder=str(FOLDER / "outbox"),
    )


@asynccontextmanager
async def stage(keep: bool, tell: Callable[[str], None]) -> AsyncGenerator[Stage]:
    settings = own_settings()
    FOLDER.mkdir(parents=True, exist_ok=True)
    data = FOLDER / "temporal.db" if keep else None
    async with (
        engine.running(data=data, port=0, ui_port=0, time_skipping=True, tell=tell) as running,
        local_mailbox.listening(Path(settings.mailbox_folder), 0) as mailbox,
    ):
        listener = server.listening(LOOPBACK, 0)
        settings = settings.model_copy(
            update={
                "mailbox_port": mailbox.port,
                "decline_url": f"http://{LOOPBACK}:{listener.getsockname()[1]}",
                "link_secret": SecretStr(secrets.token_urlsafe(32)),
                "worker_keys": SecretStr(secrets.token_urlsafe(32)),
            }
        )
        place = Where(ClientConnectConfig(target_host=running.address), running.ui)
        client = await connect(place)
        await register(client, settings)
        skipper, store = TimeSkipper(client), Store.open(settings.store_url)
        links = SignedLinks.of(settings)
        assert links is not None
        page = app(ClaimsClient(client, store), links, settings)
        async with (
            Activities(settings) as activities,
            claims_worker(client, activities.all, activities.stamps),
            server.served(page, listener),
        ):
            tell(f"{running.origin}. Its UI is at {running.ui}")
            tell(f"The customer's page is at {links.about}")
            claims = ClaimsClient(skipper.client, store)
            yield Stage(client, claims, skipper, settings, place, running.died)
