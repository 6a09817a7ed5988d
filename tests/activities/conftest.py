from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import pytest
from temporalio.testing import ActivityEnvironment

from cpor.evidence.confinement import Readers
from cpor.settings import Settings
from tests.activities.facts import BEGAN
from tests.activities.servers import SmtpServer
from workflows.claim import ONE_TRY

Asked = TypeVar("Asked")
Result = TypeVar("Result")


class Attempts:
    """Runs activities as the engine would, at a virtual time that is none of the machine's."""

    async def __call__(self, act: Callable[[Asked], Awaitable[Result]], asked: Asked) -> Result:
        environment = ActivityEnvironment()
        environment.info = replace(
            environment.info, started_time=BEGAN, start_to_close_timeout=ONE_TRY
        )
        return await environment.run(act, asked)


@pytest.fixture
def attempt() -> Attempts:
    return Attempts()


@pytest.fixture(scope="module")
async def readers() -> AsyncIterator[Readers]:
    async with Readers() as readers:
        yield readers


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        store_url=str(tmp_path / "store"),
        outbox_folder=str(tmp_path / "outbox"),
        mailbox_folder=str(tmp_path / "mail"),
    )


@pytest.fixture
async def smtp() -> AsyncIterator[SmtpServer]:
    async with SmtpServer() as server:
        yield server
