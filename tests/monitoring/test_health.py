"""Live and ready over HTTP, and the command for those who can only start one."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest
from temporalio.client import Client
from temporalio.envconfig import ClientConnectConfig
from temporalio.worker import Worker

from bench.floor import Floor, nothing
from cpor import engine
from cpor.engine.ports import free_ports
from cpor.local_temporal import IDENTITY, Where, connect
from cpor.monitoring import Unusable, health
from cpor.settings import secret_files
from deployment import healthy

ROOT = Path(__file__).resolve().parents[2]
LIMIT = 180


@pytest.fixture
def address() -> str:
    return f"127.0.0.1:{free_ports(1)[0]}"


@pytest.fixture
async def shown(address: str) -> AsyncIterator[health.Health]:
    async with health.serving(address) as shown:
        yield shown


async def _get(address: str, path: str) -> tuple[int, str]:
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.get(f"http://{address}{path}")
    return answer.status_code, answer.text


async def _nothing_in_the_way() -> str | None:
    return None


async def test_it_lives_before_it_is_ready(shown: health.Health, address: str) -> None:
    assert await _get(address, "/live") == (200, "The worker lives.\n")
    assert await _get(address, "/ready") == (503, "The worker is starting.\n")
    with shown.working(_nothing_in_the_way):
        assert await _get(address, "/ready") == (200, "Ready.\n")
    assert await _get(address, "/ready") == (503, "The worker is ending.\n")
    assert await _get(address, "/live") == (200, "The worker lives.\n")


async def test_it_is_ready_while_temporal_sees_it_ask_for_work(
    client: Client, tmp_path: Path
) -> None:
    worker = Worker(client, task_queue=tmp_path.name, workflows=[Floor], activities=[nothing])
    assert await health.not_polling(worker) == "The worker does not run."
    async with worker, asyncio.timeout(LIMIT):
        while await health.not_polling(worker) is not None:
            await asyncio.sleep(0.05)
    assert await health.not_polling(worker) == "The worker does not run."


async def test_another_workers_work_makes_nobody_ready(client: Client, tmp_path: Path) -> None:
    here = Worker(client, task_queue=tmp_path.name, workflows=[Floor], activities=[nothing])
    stranger = Client(client.service_client, namespace=client.namespace)
    async with here, asyncio.timeout(LIMIT):
        while await health.not_polling(here) is not None:
            await asyncio.sleep(0.05)
        elsewhere = Worker(
            stranger, task_queue=f"{tmp_path.name}-2", workflows=[Floor], activities=[nothing]
        )
        assert await health.not_polling(elsewhere) == "The worker does not run."


async def test_each_process_is_another_for_temporal_also_where_pids_and_hosts_are_the_same(
    temporal: engine.Engine,
) -> None:
    place = Where(ClientConnectConfig(target_host=temporal.address))
    assert (await connect(place)).identity == IDENTITY
    show = "from cpor.local_temporal import IDENTITY; print(IDENTITY)"
    told = [subprocess.check_output([sys.executable, "-c", show], cwd=ROOT) for _ in range(2)]
    assert len({each.partition(b"#")[2] for each in told}) == 2


@pytest.mark.parametrize("path", ["/", "/ready/", "/metrics"])
async def test_there_is_nothing_else(shown: health.Health, address: str, path: str) -> None:
    assert (await _get(address, path))[0] == 404


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (b"\r\n\r\n", b"400"),
        (b"\xff\xfe\r\n\r\n", b"400"),
        (b"POST /live HTTP/1.1\r\nHost: worker\r\n\r\n", b"405"),
    ],
)
async def test_what_is_no_question_is_turned_away(
    shown: health.Health, address: str, said: bytes, status: bytes
) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", int(address.rpartition(":")[2]))
    writer.write(said)
    assert (await reader.read()).startswith(b"HTTP/1.1 " + status)
    writer.close()
    assert (await _get(address, "/live"))[0] == 200


@pytest.mark.parametrize("said", [b"GET /li", b"GET /ready HTTP/1.1\r\nHost: worker\r\n\r\n"])
async def test_a_client_that_waits_or_keeps_it_waiting_does_not_delay_its_end(
    address: str, said: bytes
) -> None:
    async def never_known() -> str | None:
        return await asyncio.get_running_loop().create_future()

    async with asyncio.timeout(LIMIT):
        async with health.serving(address) as shown:
            with shown.working(never_known):
                reader, writer = await asyncio.open_connection(*address.split(":"))
                writer.write(said)
                await _get(address, "/live")
        await reader.read()
    writer.close()


async def test_a_taken_port_is_one_sentence(shown: health.Health, address: str) -> None:
    with pytest.raises(Unusable) as raised:
        async with health.serving(address):
            raise AssertionError("nobody can listen there twice")
    assert str(raised.value) == (
        f"Health cannot be shown at {address}: Address already in use. "
        "Set another CLAIMS_HEALTH_ADDRESS, or end what listens there."
    )


async def test_the_command_says_what_the_port_says(shown: health.Health, address: str) -> None:
    assert await _command(address) == (1, "The worker is starting.\n")
    with shown.working(_nothing_in_the_way):
        assert await _command(address) == (0, "")


async def test_the_command_without_a_worker(address: str) -> None:
    code, said = await _command(address)
    assert (code, said) == (1, f"No worker answers at {address} (ConnectionRefusedError).\n")
    assert await _command("") == (
        1,
        "CLAIMS_HEALTH_ADDRESS is not set, so the worker cannot be asked.\n",
    )


@pytest.mark.parametrize("address", ["x", "127.0.0.1", "127.0.0.1:x", ":8080", "127.0.0.1:99999"])
async def test_the_command_with_no_address(address: str) -> None:
    assert await _command(address) == (
        1,
        "CLAIMS_HEALTH_ADDRESS must be an IP address and a port such as 127.0.0.1:8080.\n",
    )


async def test_the_command_finds_the_address_where_the_worker_does(
    shown: health.Health, address: str, tmp_path: Path
) -> None:
    assert (healthy.FOLDER, healthy.USUAL) == (secret_files.FOLDER, secret_files.USUAL)
    (tmp_path / "claims_health_address").write_text(f"{address}\n")
    with shown.working(_nothing_in_the_way):
        assert await _command("", **{secret_files.FOLDER: str(tmp_path)}) == (0, "")


async def _command(address: str, **environment: str) -> tuple[int | None, str]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        str(ROOT / "deployment/healthy.py"),
        env={"CLAIMS_HEALTH_ADDRESS": address, **environment},
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await asyncio.wait_for(process.communicate(), LIMIT)
    return process.returncode, said.decode()
