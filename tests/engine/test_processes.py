from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from cpor.engine.processes import Ended, Process, Supervised
from tests.engine.engine_tools import Alive, Until, names_in

STUBBORN = "trap '' TERM; while true; do sleep 0.1; done"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "run"
    folder.mkdir()
    (folder / "config").write_text("{}")
    return folder


def shell(script: str, folder: Path, name: str = "it") -> Process:
    return Process(name, ["sh", "-c", script], str(folder), dict(os.environ))


async def start(folder: Path, *scripts: str) -> Supervised:
    processes = [shell(script, folder, f"process {n}") for n, script in enumerate(scripts)]
    return await Supervised.start(processes, folder=folder, log=folder / "log")


async def test_a_stop_ends_all_and_clears_the_folder(folder: Path, alive: Alive) -> None:
    group = await start(folder, "sleep 600", "sleep 600")
    assert all(map(alive, group.pids.values()))
    await group.stop()
    assert not any(map(alive, group.pids.values()))
    assert names_in(folder.parent) == set()
    assert group.ended.cancelled()


async def test_stopping_twice_is_the_same_as_once(folder: Path) -> None:
    group = await start(folder, "sleep 600")
    await group.stop()
    await group.stop()


async def test_who_does_not_listen_to_a_request_is_killed(folder: Path, alive: Alive) -> None:
    group = await start(folder, STUBBORN)
    await group.stop()
    assert not any(map(alive, group.pids.values()))


async def test_children_of_children_end_too(folder: Path, alive: Alive, until: Until) -> None:
    group = await start(folder, "sleep 600 & echo $! > ../grandchild; wait")
    note = folder.parent / "grandchild"
    await until(lambda: note.exists() and note.read_text().endswith("\n"))
    grandchild = int(note.read_text())
    await group.stop()
    await until(lambda: not alive(grandchild))


async def test_one_end_is_the_end_of_all_and_its_log_stays(folder: Path, alive: Alive) -> None:
    group = await start(folder, "sleep 600", "echo my last words; exit 3")
    assert await group.ended == Ended("process 1", "ended with code 3", 3)
    assert not any(map(alive, group.pids.values()))
    assert names_in(folder) == {"log"}
    assert group.log.read_text() == "my last words\n"
    await group.stop()


async def test_a_command_that_is_not_there_is_an_end_too(folder: Path) -> None:
    process = Process("it", ["/no/such/command"], str(folder), {})
    group = await Supervised.start([process], folder=folder, log=folder / "log")
    ended = await group.ended
    assert ended.code is None
    assert "/no/such/command" in ended.how


async def test_the_end_of_the_supervisor_is_noticed(folder: Path, until: Until) -> None:
    group = await start(folder, "sleep 600")
    os.kill(group.pids["supervisor"], signal.SIGKILL)
    assert (await group.ended).name == "the supervisor"


async def test_what_a_killed_supervisor_ran_ends_too(
    folder: Path, alive: Alive, until: Until
) -> None:
    group = await start(folder, STUBBORN)
    os.kill(group.pids["supervisor"], signal.SIGKILL)
    await until(lambda: not any(map(alive, group.pids.values())))
    await group.stop()


async def test_the_supervisor_is_there_in_no_time_because_it_imports_little() -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        "-S",
        "-c",
        "import runpy, sys; runpy.run_path(sys.argv[1]); print(*sys.modules)",
        str(Path(sys.modules["cpor.engine.supervisor"].__file__ or "")),
        stdout=asyncio.subprocess.PIPE,
    )
    out, _ = await process.communicate()
    assert not {"asyncio", "temporalio", "engine", "shutil", "typing_extensions"} & set(
        out.decode().split()
    )
