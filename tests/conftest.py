"""One engine for the whole session; each test has its own task queue, mailbox and folders."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from temporalio.client import Client

import engine
import leaving
from workflows import attributes
from workflows.payloads import DATA_CONVERTER

NAMESPACE = "claims-tests"
EXIT_CODE = pytest.StashKey[int]()


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    session.config.stash[EXIT_CODE] = int(exitstatus)


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Like every process that used a Temporal client, the test run leaves without a shutdown."""
    leaving.leave(config.stash.get(EXIT_CODE, 0))


@pytest.fixture(scope="session")
async def temporal() -> AsyncIterator[engine.Engine]:
    """A real Temporal engine that can skip time."""
    async with engine.running(port=0, ui_port=None, time_skipping=True) as running:
        yield running


@pytest.fixture(scope="session")
async def client(temporal: engine.Engine) -> Client:
    client = await Client.connect(
        temporal.address, namespace=NAMESPACE, data_converter=DATA_CONVERTER
    )
    await engine.register(
        client,
        namespace=NAMESPACE,
        retention=timedelta(days=1),
        attributes=attributes.TYPES,
    )
    return client
