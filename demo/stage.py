"""What the demo and the sandbox run on: an engine, a mailbox, a worker and the customer's page."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

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


@dataclass(frozen=True)
class Plan:
    """Where a stage keeps its things, and what of it is kept."""

    folder: Path = FOLDER
    data: Path | None = None
    port: int = 0
    ui_port: int = 0


def own_settings(folder: Path = FOLDER, **chosen: Any) -> Settings:
    """The defaults, whatever is set: it must not reach any other system that is not named here."""
    return Settings.model_construct(
        mailbox_folder=str(folder / "mail"),
        store_url=str(folder / "store"),
        outbox_folder=str(folder / "outbox"),
        **chosen,
    )


@asynccontextmanager
async def stage(
    plan: Plan, settings: Settings, tell: Callable[[str], None]
) -> AsyncGenerator[Stage]:
    plan.folder.mkdir(parents=True, exist_ok=True)
    async with (
        engine.running(
            data=plan.data, port=plan.port, ui_port=plan.ui_port, time_skipping=True, tell=tell
        ) as running,
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
        claims = ClaimsClient(client, Store.open(settings.store_url))
        links = SignedLinks.of(settings)
        assert links is not None
        page = app(claims, links, settings)
        async with (
            Activities(settings) as activities,
            claims_worker(client, activities.all, activities.stamps),
            server.served(page, listener),
        ):
            tell(f"{running.origin}. Its UI is at {running.ui}")
            tell(f"The customer's page is at {links.about}")
            yield Stage(client, claims, TimeSkipper(client), settings, place, running.died)
