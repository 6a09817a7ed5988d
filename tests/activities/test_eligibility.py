from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from temporalio.exceptions import ApplicationError

from activities.eligibility import HandOffActivity, HttpReceiver, Outbox, Receiver
from claims.effects import HandOff, HandOffResult
from settings import LOOPBACK
from tests.activities import servers
from tests.activities.conftest import Attempts
from tests.activities.facts import BEGAN, CLAIM
from tests.activities.servers import RawServer

DATA: dict[str, Any] = {"claim_id": CLAIM, "products": [{"code": "teams"}], "name": "Größe"}
EVENT = HandOff(
    id=f"{CLAIM}.ready.1",
    type="cpor.claim.ready-for-eligibility",
    subject=CLAIM,
    time=datetime(2026, 3, 20, tzinfo=UTC),
    data=DATA,
)
ENVELOPE = {
    "specversion": "1.0",
    "type": "cpor.claim.ready-for-eligibility",
    "source": "urn:cpor-claims",
    "id": f"{CLAIM}.ready.1",
    "subject": CLAIM,
    "time": "2026-03-20T00:00:00Z",
    "datacontenttype": "application/json",
    "data": DATA,
}


async def handed(attempt: Attempts, receiver: Receiver) -> HandOffResult:
    return await attempt(HandOffActivity("urn:cpor-claims", receiver).hand_off, EVENT)


@asynccontextmanager
async def to(url: str, patience: float = 5) -> AsyncGenerator[HttpReceiver]:
    receiver = HttpReceiver(url, patience)
    try:
        yield receiver
    finally:
        await receiver.close()


async def test_an_event_is_posted_in_structured_mode(attempt: Attempts) -> None:
    async with servers.HttpReceiver() as engine, to(engine.url) as receiver:
        result = await handed(attempt, receiver)
    assert result.outcome == "taken"
    assert BEGAN <= result.at < BEGAN + timedelta(seconds=30)
    ((headers, body),) = engine.requests
    assert headers["content-type"] == "application/cloudevents+json"
    assert headers["idempotency-key"] == f"{CLAIM}.ready.1"
    assert json.loads(body) == ENVELOPE


async def test_a_second_try_is_the_same_event(attempt: Attempts) -> None:
    async with servers.HttpReceiver() as engine, to(engine.url) as receiver:
        await handed(attempt, receiver)
        await handed(attempt, receiver)
    first, second = engine.requests
    assert first == second


@pytest.mark.parametrize("status", ["400 Bad Request", "404 Not Found", "422 Unprocessable"])
async def test_a_refusal_is_an_answer_in_short(attempt: Attempts, status: str) -> None:
    body = "tell ada@fabrikam.example\n" + "x" * 1000
    async with servers.HttpReceiver(status, body=body) as engine, to(engine.url) as receiver:
        result = await handed(attempt, receiver)
    assert result.outcome == "refused"
    assert result.detail.startswith(f"{status}: tell … x")
    assert len(result.detail) == 200


@pytest.mark.parametrize(
    "status",
    [
        "302 Found",
        "408 Request Timeout",
        "425 Too Early",
        "429 Too Many Requests",
        "500 Internal Server Error",
        "503 Service Unavailable",
    ],
)
async def test_all_else_is_tried_again(attempt: Attempts, status: str) -> None:
    async with servers.HttpReceiver(status) as engine, to(engine.url) as receiver:
        with pytest.raises(ApplicationError, match=status) as raised:
            await handed(attempt, receiver)
    assert not raised.value.non_retryable
    assert raised.value.next_retry_delay is None


@pytest.mark.parametrize(
    ("headers", "pause"),
    [
        ("retry-after: 90\r\n", timedelta(seconds=90)),
        (
            "date: Fri, 20 Nov 2026 10:00:00 GMT\r\nretry-after: Fri, 20 Nov 2026 10:02:00 GMT\r\n",
            timedelta(minutes=2),
        ),
        ("retry-after: 99999999\r\n", timedelta(hours=6)),
        ("retry-after: 0\r\n", None),
        ("retry-after: soon\r\n", None),
        ("retry-after: Fri, 20 Nov 2026 10:02:00 GMT\r\n", None),
    ],
)
async def test_the_pause_the_receiver_asks_for_is_kept(
    attempt: Attempts, headers: str, pause: timedelta | None
) -> None:
    async with (
        servers.HttpReceiver("503 Busy", headers) as engine,
        to(engine.url) as receiver,
    ):
        with pytest.raises(ApplicationError) as raised:
            await handed(attempt, receiver)
    assert raised.value.next_retry_delay == pause


async def test_an_engine_that_is_down_or_silent_is_tried_again(attempt: Attempts) -> None:
    async with RawServer(lambda reader, writer: None) as silent:
        url = f"http://{LOOPBACK}:{silent.port}/?key=secret"
        async with to(url, patience=0.1) as receiver:
            with pytest.raises(ApplicationError, match="did not answer in time"):
                await handed(attempt, receiver)
    async with to(url) as receiver:
        with pytest.raises(ApplicationError, match="cannot be reached") as raised:
            await handed(attempt, receiver)
    assert raised.value.__cause__ is None
    assert "secret" not in raised.value.message


async def test_without_an_address_an_event_is_a_file(attempt: Attempts, tmp_path: Path) -> None:
    outbox = Outbox(str(tmp_path / "outbox"))
    for _ in range(2):
        assert (await handed(attempt, outbox)).outcome == "taken"
    (file,) = (tmp_path / "outbox").iterdir()
    assert file.name == f"{CLAIM}.ready.1.json"
    assert json.loads(file.read_text("utf-8")) == ENVELOPE


async def test_an_outbox_that_cannot_be_written_is_tried_again(
    attempt: Attempts, tmp_path: Path
) -> None:
    (tmp_path / "outbox").write_text("a file in the way")
    with pytest.raises(ApplicationError) as raised:
        await handed(attempt, Outbox(str(tmp_path / "outbox")))
    assert not raised.value.non_retryable
