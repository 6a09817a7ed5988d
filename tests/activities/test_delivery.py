"""One hand-off through all that a receiver can do to it, as the engine would try it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from time import time

import httpx
import pytest
from temporalio.exceptions import ApplicationError

from activities.eligibility import HandOffActivity
from settings import LOOPBACK
from tests.activities.deliveries import (
    BOTH_KEYS,
    EVENT,
    NEW_KEY,
    OLD_KEY,
    ExampleEngine,
    attempted,
    example_engine,
    told,
    verifies,
)
from tests.activities.servers import RawServer

PATIENCE = 2.0


class BadDays:
    """Stands before the example engine and does one thing after the other to what comes."""

    def __init__(self, engine: ExampleEngine, *deeds: str) -> None:
        self._engine = engine
        self._deeds = list(deeds)
        self.attempts: list[tuple[dict[str, str], bytes, float]] = []

    @asynccontextmanager
    async def listening(self) -> AsyncGenerator[str]:
        async with RawServer(self._answer) as server:
            yield f"http://{LOOPBACK}:{server.port}/"

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().strip().splitlines()[1:]
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in head)}
        body = await reader.readexactly(int(headers["content-length"]))
        self.attempts.append((headers, body, time()))
        match self._deeds.pop(0):
            case "hang":
                return
            case "drop":
                await self._passed_on(headers, body)
            case "pass on":
                await self._say(writer, await self._passed_on(headers, body))
            case answer:
                await self._say(writer, answer)
        writer.close()

    async def _passed_on(self, headers: dict[str, str], body: bytes) -> str:
        async with httpx.AsyncClient() as client:
            answer = await client.post(self._engine.url, content=body, headers=headers)
        return f"{answer.status_code} {answer.reason_phrase}\r\ncontent-length: 0"

    async def _say(self, writer: asyncio.StreamWriter, answer: str) -> None:
        writer.write(f"HTTP/1.1 {answer}\r\nconnection: close\r\n\r\n".encode())
        await writer.drain()


async def test_through_bad_days_it_is_one_event_signed_anew_each_time(tmp_path: Path) -> None:
    with example_engine(tmp_path) as engine:
        bad_days = BadDays(
            engine,
            "503 Service Unavailable",
            "429 Too Many Requests\r\nretry-after: 5",
            "hang",
            "drop",
            "pass on",
        )
        pauses: list[timedelta | None] = []
        async with (
            bad_days.listening() as url,
            told(url, BOTH_KEYS, PATIENCE) as receiver,
        ):
            act = HandOffActivity("urn:cpor-claims", receiver).hand_off
            for reason in ("503", "429", "did not answer in time", "cannot be reached"):
                with pytest.raises(ApplicationError, match=reason) as raised:
                    await attempted(act)
                assert not raised.value.non_retryable
                pauses.append(raised.value.next_retry_delay)
            assert (await attempted(act)).outcome == "taken"
        assert pauses == [None, timedelta(seconds=5), None, None]
        assert [event["id"] for event in engine.ledger] == [EVENT.id]
    assert len(bad_days.attempts) == 5
    for headers, body, at in bad_days.attempts:
        assert headers["idempotency-key"] == headers["webhook-id"] == EVENT.id
        assert body == bad_days.attempts[0][1]
        assert at - 2 * PATIENCE < int(headers["webhook-timestamp"]) <= at, "read off the clock"
        assert verifies(OLD_KEY, headers, body)
        assert verifies(NEW_KEY, headers, body)
