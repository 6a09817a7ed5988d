from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import urllib.request
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.testing import TimeSkipper

from cpor import engine
from cpor.engine import launch
from cpor.engine.ports import LOOPBACK, free_ports
from tests.engine.engine_tools import ASKER, Alive, Spawn, Until

NAMESPACE = "running"


@dataclass
class Asked:
    process: subprocess.Popen[str]
    address: str
    pids: dict[str, int]

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate()


async def ask(python: Spawn, *arguments: str) -> Asked:
    process = python(str(ASKER), *arguments)
    assert process.stdout
    said = json.loads(await asyncio.to_thread(process.stdout.readline))
    return Asked(process, said["address"], said["pids"])


async def connect(address: str) -> Client:
    client = await Client.connect(address, namespace=NAMESPACE)
    await engine.register(client, retention=timedelta(days=1), attributes=())
    return client


async def test_it_says_where_it_is_what_it_is_and_where_from(real_engine: engine.Engine) -> None:
    assert real_engine.address.startswith(f"{LOOPBACK}:")
    assert real_engine.origin.startswith("Temporal 1.")
    assert ", " in real_engine.origin


async def test_its_ui_answers(real_engine: engine.Engine) -> None:
    def get() -> int:
        return urllib.request.urlopen(f"{real_engine.ui}/", timeout=120).status

    assert await asyncio.to_thread(get) == 200


async def test_it_skips_time(real_engine: engine.Engine) -> None:
    client = await connect(real_engine.address)
    skipper = TimeSkipper(client)
    handle = await skipper.client.start_workflow("Nobody", id="skips", task_queue="nobody")
    assert await skipper.get_time_skipping_info(handle) is not None


async def test_without_a_ui_there_is_none() -> None:
    async with engine.running(port=0, ui_port=None) as running:
        assert running.ui is None
        assert "ui" not in running.pids


async def test_a_taken_port_gives_way_to_the_next_free_one_and_it_says_so(
    told: list[str],
) -> None:
    with socket.create_server((LOOPBACK, 0)) as listener:
        taken = listener.getsockname()[1]
        async with engine.running(port=taken, ui_port=None, tell=told.append) as running:
            port = int(running.address.rsplit(":")[-1])
            assert port != taken
            assert running.notes == (f"port {taken} is taken, using {port}",)
    assert running.notes[0] in told


async def test_it_ends_with_its_block(alive: Alive) -> None:
    async with engine.running(port=0, ui_port=0) as running:
        assert all(map(alive, running.pids.values()))
    assert not any(map(alive, running.pids.values()))
    assert not running.log.parent.exists()
    assert running.died.cancelled()


async def test_it_ends_with_a_killed_asker_and_leaves_no_orphan(
    real_engine: engine.Engine, python: Spawn, alive: Alive, until: Until
) -> None:
    asked = await ask(python)
    assert asked.pids.keys() >= {"supervisor", "server"}
    assert all(map(alive, asked.pids.values()))
    asked.kill()
    await until(lambda: not any(map(alive, asked.pids.values())))


async def test_its_death_in_the_middle_is_told_with_its_log(alive: Alive, until: Until) -> None:
    async with engine.running(port=0, ui_port=0) as running:
        os.kill(running.pids["server"], signal.SIGKILL)
        async with asyncio.timeout(180):
            error = await running.died
        assert isinstance(error, engine.EngineFailed)
        assert "'server' ended with code -9" in str(error)
        assert str(error.log) in str(error)
        assert error.log.exists()
        await until(lambda: not any(map(alive, running.pids.values())))


async def test_data_outlives_the_kill_of_everything(
    real_engine: engine.Engine, tmp_path: Path, python: Spawn, alive: Alive, until: Until
) -> None:
    data = tmp_path / "var" / "temporal.db"
    asked = await ask(python, str(data))
    client = await connect(asked.address)
    await client.start_workflow("Nobody", "kept", id="kept", task_queue="nobody")
    for pid in asked.pids.values():
        os.kill(pid, signal.SIGKILL)
    asked.kill()
    await until(lambda: not any(map(alive, asked.pids.values())))

    async with engine.running(data=data, port=0, ui_port=None) as running:
        client = await connect(running.address)
        description = await client.get_workflow_handle("kept").describe()
        assert description.status == WorkflowExecutionStatus.RUNNING
        await client.start_workflow("Nobody", id="another", task_queue="nobody")


@pytest.mark.thorough
async def test_a_start_after_a_kill_waits_until_the_data_and_the_port_are_free(
    real_engine: engine.Engine, tmp_path: Path, python: Spawn
) -> None:
    data = tmp_path / "temporal.db"
    asked = await ask(python, str(data))
    port = int(asked.address.rsplit(":")[-1])
    asked.kill()
    async with engine.running(data=data, port=port, ui_port=None) as running:
        assert running.address == asked.address


@pytest.mark.thorough
async def test_two_engines_never_work_on_the_same_data(
    real_engine: engine.Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, told: list[str]
) -> None:
    monkeypatch.setattr(launch, "DATA_LIMIT", 0.5)
    data = tmp_path / "temporal.db"
    async with engine.running(data=data, port=0, ui_port=None):
        with pytest.raises(engine.DataInUse, match="Another engine works on"):
            async with engine.running(data=data, port=0, ui_port=None, tell=told.append):
                pass
    assert told == [f"{data} is in use; waiting"]


async def test_data_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    with pytest.raises(engine.DataUnusable, match="can't be written"):
        async with engine.running(data=Path("/dev/null/temporal.db"), port=0, ui_port=None):
            pass


async def test_data_that_is_no_database_is_said_and_left_alone(tmp_path: Path) -> None:
    data = tmp_path / "temporal.db"
    data.write_text("a shopping list" * 1000)
    with pytest.raises(engine.DataUnusable, match="not a database"):
        async with engine.running(data=data, port=0, ui_port=None):
            pass
    assert data.read_text() == "a shopping list" * 1000


@pytest.mark.thorough
async def test_ports_stolen_between_look_and_use_are_chosen_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with socket.create_server((LOOPBACK, 0)) as listener:
        stolen = listener.getsockname()[1]
        choices = iter([stolen, *free_ports(1)])

        def choose(_: int) -> int:
            return next(choices)

        monkeypatch.setattr(launch, "next_free_port", choose)
        async with engine.running(port=0, ui_port=None) as running:
            assert running.address != f"{LOOPBACK}:{stolen}"
            assert running.notes == ()
