"""Who holds connections open cannot keep a customer's no from being heard."""

from __future__ import annotations

import asyncio
import ssl
import sys
from collections import Counter
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from cpor import http_server
from cpor.http_server import Bounds, Reason
from cpor.settings import LOOPBACK
from tests.page.site import Site
from tests.workflows.world import LIMIT

HALF = b"GET /decline/x HTTP/1.1\r\nHost: x\r\nX-A: "
HALF_A_FORM = (
    b"POST /decline/x HTTP/1.1\r\nHost: x\r\nContent-Length: 30000\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\n\r\nnote="
)
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]
MANY_ADDRESSES = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux has all of 127.0.0.0/8"
)


def one(_: int) -> str:
    return LOOPBACK


def ten(number: int) -> str:
    return f"127.0.1.{1 + number % 10}"


def everybody(number: int) -> str:
    return f"127.0.{1 + number // 250}.{1 + number % 250}"


CROWDS = [one, *(pytest.param(each, marks=MANY_ADDRESSES) for each in (ten, everybody))]


async def hold(port: int, says: bytes, whose: str = LOOPBACK) -> Connection:
    reader, writer = await asyncio.open_connection(LOOPBACK, port, local_addr=(whose, 0))
    writer.write(says)
    await writer.drain()
    return reader, writer


async def is_ended(connection: Connection) -> bool:
    reader, _ = connection
    try:
        async with asyncio.timeout(LIMIT):
            return await reader.read() == b""
    except ConnectionError:
        return True


@pytest.mark.parametrize("says", [b"", HALF, HALF_A_FORM], ids=["silent", "head", "body"])
@pytest.mark.parametrize("whose", CROWDS)
async def test_a_no_gets_through_while_five_hundred_hold_half_a_request(
    site: Site, whose: Callable[[int], str], says: bytes
) -> None:
    claim = await site.asked()
    link, port = site.link(claim), int(site.links.address.rpartition(":")[2])
    crowd = [await hold(port, says, whose(number)) for number in range(500)]
    try:
        async with httpx.AsyncClient(verify=ssl.create_default_context(), timeout=30) as browser:
            visitor = replace(site, browser=browser)
            assert (await visitor.says_no(link)).status_code == 200
        assert (await site.over(claim))["consent"] == "declined"
    finally:
        for _, writer in crowd:
            writer.close()


class Counted(Counter[Reason]):
    def count(self, reason: Reason) -> None:
        self[reason] += 1


async def _answer(request: Request) -> Response:
    await request.body()
    return PlainTextResponse("heard")


async def _wait(request: Request) -> Response:
    request.app.state.inside += 1
    await request.app.state.go_on.wait()
    return PlainTextResponse("heard")


async def _much(_: Request) -> Response:
    return PlainTextResponse("much" * 8_000_000)


@asynccontextmanager
async def served(bounds: Bounds, counted: Counted) -> AsyncGenerator[tuple[int, Starlette]]:
    app = Starlette(
        routes=[
            Route("/", _answer, methods=["GET", "POST"]),
            Route("/decline/x", _answer, methods=["GET", "POST"]),
            Route("/wait", _wait),
            Route("/much", _much),
        ]
    )
    app.state.go_on, app.state.inside = asyncio.Event(), 0
    with http_server.listen(LOOPBACK, 0) as listener:
        serving = http_server.served(app, listener, grace=1, bounds=bounds, count=counted.count)
        async with serving:
            yield listener.getsockname()[1], app


@pytest.mark.parametrize("says", [b"", HALF, HALF_A_FORM], ids=["silent", "head", "body"])
async def test_a_request_must_be_whole_in_time(says: bytes) -> None:
    counted = Counted()
    async with served(Bounds(request_seconds=0.2), counted) as (port, _):
        assert await is_ended(await hold(port, says))
    assert counted == {"slow": 1}


async def test_a_byte_now_and_then_gives_no_more_time() -> None:
    counted = Counted()
    async with served(Bounds(request_seconds=0.5), counted) as (port, _):
        _, writer = drip = await hold(port, HALF)

        async def dripping() -> None:
            while True:
                writer.write(b"a")
                await asyncio.sleep(0.05)

        task = asyncio.create_task(dripping())
        assert await is_ended(drip)
        task.cancel()
    assert counted == {"slow": 1}


async def test_an_answer_must_be_read_in_time() -> None:
    counted = Counted()
    bounds = Bounds(request_seconds=0.2, answer_seconds=0.2)
    async with served(bounds, counted) as (port, _):
        _, writer = await hold(port, b"GET /much HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        async with asyncio.timeout(LIMIT):
            while not counted:
                await asyncio.sleep(0.01)
        writer.close()
    assert counted == {"unread": 1}


async def test_whoever_is_answered_gives_no_way_and_the_next_is_told_to_come_back() -> None:
    counted = Counted()
    async with (
        served(Bounds(connections=2), counted) as (port, app),
        httpx.AsyncClient(base_url=f"http://{LOOPBACK}:{port}", timeout=LIMIT) as browser,
    ):
        answered = [asyncio.create_task(browser.get("/wait")) for _ in range(2)]
        async with asyncio.timeout(LIMIT):
            while app.state.inside < 2:
                await asyncio.sleep(0.01)
        assert await _status(port) == 503
        app.state.go_on.set()
        assert [(await each).text for each in answered] == ["heard", "heard"]
        assert await _status(port) == 200
    assert counted["no_room"] == 1


async def _status(port: int) -> int:
    async with httpx.AsyncClient(timeout=LIMIT) as browser:
        return (await browser.get(f"http://{LOOPBACK}:{port}/")).status_code


async def test_one_address_has_not_all_the_room() -> None:
    counted = Counted()
    async with served(Bounds(connections=10, connections_of_one=3), counted) as (port, _):
        first, *rest = [await hold(port, HALF) for _ in range(4)]
        assert await is_ended(first)
        assert counted == {"gave_way": 1}
        for _, writer in rest:
            writer.write(b"b\r\n\r\n")
            await writer.drain()
        assert [(await reader.readline())[:12] for reader, _ in rest] == [b"HTTP/1.1 200"] * 3
        for _, writer in rest:
            writer.close()


async def test_headers_have_an_end_and_noise_is_counted() -> None:
    counted = Counted()
    async with served(Bounds(header_bytes=1000), counted) as (port, _):
        for says in (HALF + b"a" * 2000, b"\x16\x03\x01 is no HTTP\r\n\r\n"):
            reader, _ = await hold(port, says)
            assert (await reader.readline()).startswith(b"HTTP/1.1 400")
    assert counted == {"malformed": 2}


async def test_several_requests_on_one_connection_are_each_answered() -> None:
    counted = Counted()
    async with served(Bounds(), counted) as (port, _):
        reader, writer = await hold(port, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" * 3)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        assert (await reader.read()).count(b"heard") == 4
    assert not counted
