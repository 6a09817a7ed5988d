"""One hand-off through all that a receiver can do to it, as the engine would try it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from pathlib import Path
from time import time

import httpx
import pytest
from temporalio.exceptions import ApplicationError

from activities.events import delivery
from activities.events.delivery import HandOffActivity
from cpor.settings import LOOPBACK
from tests.activities.deliveries import (
    BOTH_KEYS,
    EVENT,
    NEW_KEY,
    NOTHING_KNOWN,
    OLD_KEY,
    ExampleEngine,
    attempted,
    example_engine,
    told,
    verifies,
)
from tests.activities.servers import RawServer

PATIENCE = 2.0


async def request(reader: asyncio.StreamReader) -> tuple[dict[str, str], bytes]:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().strip().splitlines()[1:]
    headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in head)}
    return headers, await reader.readexactly(int(headers["content-length"]))


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
        headers, body = await request(reader)
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
            act = HandOffActivity("urn:cpor-claims", receiver, NOTHING_KNOWN).hand_off
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


# The status settles it, whatever becomes of the text


@asynccontextmanager
async def half_an_answer(status: str, ending: str) -> AsyncGenerator[str]:
    """Where the status is said and half of a text, and then nothing more."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request(reader)
        writer.write(f"HTTP/1.1 {status}\r\ncontent-length: 99\r\n\r\nI know".encode())
        await writer.drain()
        if ending == "breaks off":
            writer.close()

    async with RawServer(answer) as server:
        yield f"http://{LOOPBACK}:{server.port}/"


@pytest.fixture(params=["hangs", "breaks off"])
def ending(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setattr(delivery, "LONGEST_TEXT", 0.2)
    return request.param


@pytest.mark.parametrize("status", ["200 OK", "202 Accepted"])
async def test_what_was_taken_is_not_asked_again_for_the_end_of_the_answer(
    status: str, ending: str
) -> None:
    async with half_an_answer(status, ending) as url, told(url) as receiver:
        act = HandOffActivity("urn:cpor-claims", receiver, NOTHING_KNOWN).hand_off
        assert (await attempted(act)).outcome == "taken"


async def test_a_refusal_whose_text_does_not_end_is_one_with_what_was_said(ending: str) -> None:
    async with half_an_answer("422 Unprocessable", ending) as url, told(url) as receiver:
        result = await attempted(
            HandOffActivity("urn:cpor-claims", receiver, NOTHING_KNOWN).hand_off
        )
    assert (result.outcome, result.detail) == ("refused", "422 Unprocessable: I know")


async def test_a_pause_is_kept_also_where_the_text_does_not_end(ending: str) -> None:
    busy = "503 Busy\r\nretry-after: 7"
    async with half_an_answer(busy, ending) as url, told(url) as receiver:
        with pytest.raises(ApplicationError, match="said 503 Busy") as raised:
            await attempted(HandOffActivity("urn:cpor-claims", receiver, NOTHING_KNOWN).hand_off)
    assert raised.value.next_retry_delay == timedelta(seconds=7)


async def test_an_answer_without_end_is_read_only_so_far() -> None:
    async def babble(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await request(reader)
        writer.write(b"HTTP/1.1 400 No\r\n\r\n")
        with suppress(ConnectionError):
            while True:
                writer.write(b"no " * 10_000)
                await writer.drain()

    async with (
        RawServer(babble) as server,
        told(f"http://{LOOPBACK}:{server.port}/") as receiver,
    ):
        result = await attempted(
            HandOffActivity("urn:cpor-claims", receiver, NOTHING_KNOWN).hand_off
        )
    assert (result.outcome, result.detail[:11]) == ("refused", "400 No: no ")
