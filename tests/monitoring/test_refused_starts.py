"""What keeps a worker from starting: one sentence, exit code 1, and nothing half started."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.client import Client
from temporalio.common import SearchAttributeKey

from cpor import engine
from cpor.contract import search_attributes
from cpor.engine import environment
from cpor.engine.ports import free_ports
from cpor.monitoring import Unusable, checks
from cpor.settings import Settings
from tests.activities.servers import RawServer
from tests.shell import LIMIT, Shell, shell_in


@pytest.fixture
def shell(tmp_path: Path) -> Iterator[Shell]:
    with shell_in(tmp_path) as shell:
        yield shell


@pytest.fixture
def taken() -> Iterator[str]:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        yield f"127.0.0.1:{listener.getsockname()[1]}"


def refusal(shell: Shell, **environment: str) -> str:
    worker = shell.start_worker(**environment)
    said, why = worker.communicate(timeout=LIMIT)
    assert worker.returncode == 1
    assert said == ""
    assert not list(shell.folder.glob("var/temporal*"))
    assert not (shell.folder / "var/engine.json").exists()
    return why


@pytest.mark.parametrize("what", ["Metrics", "Health"])
def test_a_port_is_taken(shell: Shell, taken: str, what: str) -> None:
    setting = f"CLAIMS_{what.upper()}_ADDRESS"
    assert refusal(shell, **{setting: taken}) == (
        f"{what} cannot be shown at {taken}: Address already in use. "
        f"Set another {setting}, or end what listens there.\n"
    )


def bucket_at(port: int | str) -> dict[str, str]:
    """A store by S3 on loopback: without all of these the library would ask others."""
    return {
        "CLAIMS_STORE_URL": "s3://claims",
        "AWS_ENDPOINT": f"http://127.0.0.1:{port}",
        "AWS_ALLOW_HTTP": "true",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "us",
        "AWS_SECRET_ACCESS_KEY": "hush",
    }


def test_the_store_cannot_be_reached(shell: Shell) -> None:
    said = refusal(shell, **bucket_at(free_ports(1)[0]))
    assert said.count("\n") == 1
    assert said.startswith("The store s3://claims does not answer: ")
    assert "127.0.0.1" in said


async def test_a_store_that_says_nothing_is_not_waited_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked = asyncio.Event()
    monkeypatch.setattr(checks, "STORE_LIMIT", 1.0)
    async with RawServer(lambda reader, writer: asked.set()) as silent:
        for name, value in bucket_at(silent.port).items():
            monkeypatch.setenv(name, value)
        with pytest.raises(Unusable) as raised:
            await asyncio.wait_for(checks.require_store(Settings.load().store_url), LIMIT)
    assert asked.is_set()
    assert str(raised.value) == (
        "The store s3://claims has not answered within 1 s. See that it does, or set "
        "CLAIMS_STORE_URL to another."
    )


def test_the_store_is_no_folder(shell: Shell) -> None:
    (shell.folder / "file").write_text("no folder")
    said = refusal(shell, CLAIMS_STORE_URL="file")
    assert said.count("\n") == 1
    assert said.startswith("The store file cannot be opened: ")


async def test_a_search_attribute_has_the_wrong_type(temporal: engine.Engine, shell: Shell) -> None:
    wrong = await Client.connect(temporal.address, namespace="wrong-type")
    others = [key for key in search_attributes.ALL if key.name != "ClaimStatus"]
    attributes = [SearchAttributeKey.for_int("ClaimStatus"), *others]
    await engine.register(wrong, retention=timedelta(days=1), attributes=attributes)
    said = refusal(
        shell,
        TEMPORAL_ADDRESS=temporal.address,
        TEMPORAL_NAMESPACE="wrong-type",
        CLAIMS_SMTP_HOST="127.0.0.1",
    )
    assert said.startswith("search attribute ClaimStatus is Int, not Keyword: temporal operator ")
    assert said.count("\n") == 1


async def test_a_server_of_an_older_version_than_is_needed(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await environment.new_enough(client)
    monkeypatch.setattr(environment, "OLDEST", (99, 0, 0))
    with pytest.raises(engine.EngineUnfit) as raised:
        await environment.new_enough(client)
    assert str(raised.value) == (
        f"The Temporal server is {found}; 99.0.0 or later is needed: an older one cannot have a "
        "late debt tried at once (the request ResetActivity)."
    )


@pytest.mark.parametrize("said", ["", "our-own-build"])
async def test_a_fake_server_of_no_known_version_is_believed(said: str) -> None:
    assert await environment.new_enough(FakeClient(said)) == said  # pyright: ignore[reportArgumentType]  it is a fake


@pytest.mark.parametrize(
    ("said", "fits"),
    [("1.27.99", False), ("v1.9.0", False), ("1.28.0", True), ("1.100.0-rc.1", True)],
)
async def test_versions_of_a_fake_server_are_compared_as_numbers(said: str, fits: bool) -> None:
    if fits:
        assert await environment.new_enough(FakeClient(said)) == said  # pyright: ignore[reportArgumentType]  it is a fake
    else:
        with pytest.raises(engine.EngineUnfit, match=r"1\.28\.0 or later is needed"):
            await environment.new_enough(FakeClient(said))  # pyright: ignore[reportArgumentType]  it is a fake


class FakeClient:
    """It knows one answer."""

    def __init__(self, server_version: str) -> None:
        self.server_version = server_version
        self.workflow_service = self

    async def get_system_info(self, *_: object, **__: object) -> FakeClient:
        return self
