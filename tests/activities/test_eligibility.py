from __future__ import annotations

import json
import logging
import re
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr
from temporalio.exceptions import ApplicationError

from activities import Activities
from activities.events.delivery import HandOffActivity, Outbox, Receiver
from cpor.rules.effects.events import EventResult
from cpor.settings import LOOPBACK, Settings
from tests.activities import servers
from tests.activities.deliveries import (
    BOTH_KEYS,
    ENVELOPE,
    EVENT,
    NEW_KEY,
    NOTHING_KNOWN,
    OLD_KEY,
    ROOT,
    attempted,
    told,
    verifies,
)
from tests.activities.facts import BEGAN, CLAIM
from tests.activities.servers import RawServer


async def handed(receiver: Receiver) -> EventResult:
    return await attempted(HandOffActivity("urn:cpor-claims", receiver, NOTHING_KNOWN).hand_off)


async def test_an_event_is_posted_in_structured_mode() -> None:
    async with servers.HttpReceiver() as engine, told(engine.url) as receiver:
        result = await handed(receiver)
    assert result.outcome == "taken"
    assert BEGAN <= result.at < BEGAN + timedelta(seconds=30)
    ((headers, body),) = engine.requests
    assert headers["content-type"] == "application/cloudevents+json"
    assert headers["idempotency-key"] == f"{CLAIM}.ready.1"
    assert json.loads(body) == ENVELOPE


async def test_a_second_try_is_the_same_event() -> None:
    async with servers.HttpReceiver() as engine, told(engine.url) as receiver:
        await handed(receiver)
        await handed(receiver)
    first, second = engine.requests
    assert first == second


@pytest.mark.parametrize("status", ["400 Bad Request", "404 Not Found", "422 Unprocessable"])
async def test_a_refusal_is_an_answer_in_short(status: str) -> None:
    body = "tell ada@fabrikam.example\n" + "x" * 1000
    async with servers.HttpReceiver(status, body=body) as engine, told(engine.url) as receiver:
        result = await handed(receiver)
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
async def test_all_else_is_tried_again(status: str) -> None:
    async with servers.HttpReceiver(status) as engine, told(engine.url) as receiver:
        with pytest.raises(ApplicationError, match=status) as raised:
            await handed(receiver)
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
    headers: str, pause: timedelta | None
) -> None:
    async with (
        servers.HttpReceiver("503 Busy", headers) as engine,
        told(engine.url) as receiver,
    ):
        with pytest.raises(ApplicationError) as raised:
            await handed(receiver)
    assert raised.value.next_retry_delay == pause


async def test_an_engine_that_is_down_or_silent_is_tried_again() -> None:
    async with RawServer(lambda reader, writer: None) as silent:
        url = f"http://{LOOPBACK}:{silent.port}/?key=secret"
        async with told(url, patience=0.1) as receiver:
            with pytest.raises(ApplicationError, match="did not answer in time"):
                await handed(receiver)
    async with told(url) as receiver:
        with pytest.raises(ApplicationError, match="cannot be reached") as raised:
            await handed(receiver)
    assert raised.value.__cause__ is None
    assert "secret" not in raised.value.message


async def test_without_an_address_an_event_is_a_file(tmp_path: Path) -> None:
    outbox = Outbox(str(tmp_path / "outbox"))
    for _ in range(2):
        assert (await handed(outbox)).outcome == "taken"
    (file,) = (tmp_path / "outbox").iterdir()
    assert file.name == f"{CLAIM}.ready.1.json"
    assert json.loads(file.read_text("utf-8")) == ENVELOPE


async def test_an_outbox_that_cannot_be_written_is_tried_again(tmp_path: Path) -> None:
    (tmp_path / "outbox").write_text("a file in the way")
    with pytest.raises(ApplicationError) as raised:
        await handed(Outbox(str(tmp_path / "outbox")))
    assert not raised.value.non_retryable


def test_the_documented_event_has_the_shape_of_one_that_is_sent() -> None:
    page = (ROOT / "docs/events.md").read_text("utf-8")
    (documented,) = (json.loads(block) for block in re.findall(r"```json\n(.*?)```", page, re.S))
    assert documented.keys() == ENVELOPE.keys()
    assert documented["id"] == EVENT.id


async def test_with_keys_it_is_signed_and_without_it_is_not() -> None:
    async with servers.HttpReceiver() as engine:
        async with told(engine.url, BOTH_KEYS) as receiver:
            assert (await handed(receiver)).outcome == "taken"
        async with told(engine.url) as receiver:
            assert (await handed(receiver)).outcome == "taken"
    (signed, body), (unsigned, _) = engine.requests
    assert signed["webhook-id"] == signed["idempotency-key"] == EVENT.id
    assert verifies(OLD_KEY, signed, body)
    assert verifies(NEW_KEY, signed, body)
    assert not [name for name in unsigned if name.startswith("webhook-")]


@pytest.mark.parametrize(
    "echo",
    [
        "Cannot POST /claims?key=secret",
        "Nothing at {url}.",
        "The key 'secret' is not known.",
        "No such page: /claims",
    ],
)
async def test_what_a_refusal_repeats_of_the_address_is_left_out(echo: str) -> None:
    engine = servers.HttpReceiver("404 Not Found")
    async with engine, told(engine.url) as receiver:
        engine.body = echo.format(url=engine.url)
        result = await handed(receiver)
    assert result.outcome == "refused"
    assert "…" in result.detail
    assert not re.search("secret|/claims", result.detail)


async def test_a_refusal_is_not_read_to_its_end() -> None:
    async with (
        servers.HttpReceiver("400 Bad Request", body="x" * 10_000_000) as engine,
        told(engine.url) as receiver,
    ):
        result = await handed(receiver)
    assert len(result.detail) == 200
    assert result.at < BEGAN + timedelta(seconds=3)


@pytest.mark.parametrize("host", ["xn--a", "ä" * 80])
async def test_an_address_that_is_none_is_tried_again_without_naming_it(host: str) -> None:
    async with told(f"https://{host}/?key=secret") as receiver:
        with pytest.raises(ApplicationError, match="cannot be reached") as raised:
            await handed(receiver)
    assert host not in raised.value.message
    assert raised.value.__cause__ is None


async def test_no_redirect_is_followed() -> None:
    async with (
        servers.HttpReceiver() as elsewhere,
        servers.HttpReceiver("307 Elsewhere", f"location: {elsewhere.url}\r\n") as engine,
        told(engine.url) as receiver,
    ):
        with pytest.raises(ApplicationError, match="307"):
            await handed(receiver)
    assert not elsewhere.requests


async def test_neither_address_nor_key_is_told_to_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    for status in ("202 Accepted", "400 Bad Request", "503 Busy"):
        async with (
            servers.HttpReceiver(status) as engine,
            told(engine.url, OLD_KEY) as receiver,
        ):
            with suppress(ApplicationError):
                await handed(receiver)
    assert "503 Busy" in caplog.text
    assert not re.search(rf"secret|/claims|:\d+/|{OLD_KEY[6:]}", caplog.text)


async def test_a_worker_hands_on_as_its_settings_say(settings: Settings) -> None:
    async with servers.HttpReceiver() as engine:
        there = {"hand_off_url": engine.url, "hand_off_keys": SecretStr(BOTH_KEYS)}
        async with Activities(settings.model_copy(update=there)) as activities:
            (act,) = (act for act in activities.all if act.__name__ == "hand_off")
            assert (await attempted(act)).outcome == "taken"
    ((headers, body),) = engine.requests
    assert verifies(NEW_KEY, headers, body)
