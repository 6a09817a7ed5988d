"""The UI is shown to whoever sits at this machine, and not to the pages that they look at."""

from __future__ import annotations

import asyncio
import socket
import sys
from datetime import timedelta

import pytest
from temporalio.client import Client

from cpor import engine
from cpor.engine import front_door
from cpor.engine.ports import LOOPBACK

NAMESPACE = "shown"


def request(*head: str, body: str = "") -> bytes:
    fields = [f"Content-Length: {len(body)}"] if body else []
    return ("\r\n".join([*head, *fields, "", ""]) + body).encode()


async def answer(real_engine: engine.Engine, said: bytes) -> tuple[int, str]:
    """All that comes, as status and text, until the connection is closed."""
    assert real_engine.ui
    reader, writer = await asyncio.open_connection(LOOPBACK, port_of(real_engine))
    writer.write(said)
    async with asyncio.timeout(120):
        text = (await reader.read()).decode()
    writer.close()
    return int(text.split()[1]), text


def port_of(real_engine: engine.Engine) -> int:
    return int((real_engine.ui or "").rpartition(":")[2])


@pytest.fixture(scope="module")
async def claim(real_engine: engine.Engine) -> str:
    """A workflow that nobody from outside may read or signal."""
    client = await Client.connect(real_engine.address, namespace=NAMESPACE)
    await engine.register(client, retention=timedelta(days=1), attributes=())
    handle = await client.start_workflow("Nobody", id="shown", task_queue="nobody")
    everybody = request("GET /api/v1/namespaces HTTP/1.1", "Host: localhost")
    async with asyncio.timeout(120):
        while (await answer(real_engine, everybody))[0] == 503:
            await asyncio.sleep(0.2)  # The UI has not found the server yet.
    return handle.id


@pytest.mark.parametrize("name", ["127.0.0.1", "localhost", "LOCALHOST"])
async def test_by_a_name_of_this_machine_a_history_is_read(
    real_engine: engine.Engine, claim: str, name: str
) -> None:
    path = f"/api/v1/namespaces/{NAMESPACE}/workflows/{claim}/history"
    host = f"{name}:{port_of(real_engine)}"
    said = request(f"GET {path} HTTP/1.1", f"Host: {host}", f"Origin: http://{host.lower()}")
    status, text = await answer(real_engine, said)
    assert (status, "EVENT_TYPE_WORKFLOW_EXECUTION_STARTED" in text) == (200, True)


STRANGERS = [
    ("Host: evil.example",),
    ("Host: evil.example:8233",),
    ("Host: localhost.evil.example",),
    ("Host: 127.0.0.1.evil.example:8233",),
    ("Host: localhost", "Origin: http://evil.example"),
    ("Host: localhost", "Origin: null"),
    ("Host: localhost:8233", "Origin: http://localhost:3000"),
    ("Host: localhost", "Host: evil.example"),
    ("Host: localhost", "host : evil.example"),
    ("X-Host: localhost",),
]


@pytest.mark.parametrize("head", STRANGERS, ids=" + ".join)
async def test_a_page_of_a_stranger_reads_no_history_and_sends_no_signal(
    real_engine: engine.Engine, claim: str, head: tuple[str, ...]
) -> None:
    path = f"/api/v1/namespaces/{NAMESPACE}/workflows/{claim}"
    status, text = await answer(real_engine, request(f"GET {path}/history HTTP/1.1", *head))
    assert (status // 100, "EVENT_TYPE" in text) == (4, False)
    signal = request(
        f"POST {path}/signal/decline HTTP/1.1", *head, "Authorization: any", body='{"input": {}}'
    )
    assert (await answer(real_engine, signal))[0] // 100 == 4
    client = await Client.connect(real_engine.address, namespace=NAMESPACE)
    history = await client.get_workflow_handle(claim).fetch_history()
    assert not [
        each
        for each in history.events
        if each.HasField("workflow_execution_signaled_event_attributes")
    ]


async def test_a_second_request_does_not_slip_in_behind_the_first(
    real_engine: engine.Engine,
) -> None:
    first = request("GET /healthz HTTP/1.1", "Host: localhost", "Connection: keep-alive")
    second = request("GET /healthz HTTP/1.1", "Host: evil.example")
    _, text = await answer(real_engine, first + second)
    assert text.count("HTTP/1.1 ") == 1


async def test_an_endless_head_is_not_read_to_its_end(real_engine: engine.Engine) -> None:
    said = b"GET / HTTP/1.1\r\nHost: localhost\r\nX-A: " + b"a" * front_door.MOST_HEAD
    assert (await answer(real_engine, said))[0] == 431


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all of 127.0.0.0/8")
def test_the_ui_itself_listens_where_nobody_finds_it() -> None:
    places = {front_door.out_of_sight().host for _ in range(10)}
    assert len(places) == 10
    assert LOOPBACK not in places


async def test_a_taken_port_gives_way_to_the_next_free_one(told: list[str]) -> None:
    with socket.create_server((LOOPBACK, 0)) as listener:
        taken = listener.getsockname()[1]
        async with engine.running(port=0, ui_port=taken, tell=told.append) as running:
            assert running.ui != f"http://{LOOPBACK}:{taken}"
            assert running.notes == (f"port {taken} is taken, using {port_of(running)}",)
