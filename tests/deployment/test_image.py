"""The image: what is copied into it is enough, and its command works where nothing may be written.

No container engine is needed: the files are copied as the image would have them.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import shutil
import signal
import subprocess
import sys
from asyncio.subprocess import PIPE, STDOUT, Process
from collections.abc import AsyncGenerator, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from temporalio.client import Client

from cpor.engine import Engine
from tests.workflows.world import World
from workflows.worker import set_current_command

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
SERVICES: Mapping[str, Mapping[str, Any]] = yaml.safe_load(
    (ROOT / "docker-compose.yml").read_text("utf-8")
)["services"]
KEY = "a-key-of-the-workers-0123456789abcdef"
LIMIT = 300.0
NOWHERE = "127.0.0.1:1"


def command() -> list[str]:
    (found,) = re.findall(r"^CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)
    return json.loads(found)


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A copy of what the image holds, which nobody may write to."""
    copy = tmp_path_factory.mktemp("image") / "app"

    def left_out(folder: str, names: list[str]) -> set[str]:
        at_root = Path(folder) == ROOT
        return {name for name in names if name == "__pycache__" or (at_root and _is_left_out(name))}

    shutil.copytree(ROOT, copy, ignore=left_out)
    folders = [copy, *(each for each in copy.rglob("*") if each.is_dir())]
    for folder in folders:
        folder.chmod(0o555)
    yield copy
    for folder in folders:
        folder.chmod(0o755)


def without_rights(*words: str) -> list[str]:
    """Where the tests run as root, which may write anywhere, the command loses that."""
    path = [sys.executable if word == "python" else word for word in words]
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        return path
    return ["setpriv", "--bounding-set=-all", "--inh-caps=-all", *path]


@contextlib.asynccontextmanager
async def started(image: Path, *words: str, **environment: str) -> AsyncGenerator[Process]:
    """In a clean environment, in the image's folder."""
    process = await asyncio.create_subprocess_exec(
        *without_rights(*words),
        cwd=image,
        env={"PATH": os.defpath, "PYTHONPATH": str(image), "PYTHONUNBUFFERED": "1", **environment},
        stdout=PIPE,
        stderr=STDOUT,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def said(process: Process) -> str:
    """All until it ends."""
    async with asyncio.timeout(LIMIT):
        output, _ = await process.communicate()
    return output.decode()


async def said_until(process: Process, text: str) -> str:
    assert process.stdout
    lines: list[str] = []
    async with asyncio.timeout(LIMIT):
        while line := (await process.stdout.readline()).decode():
            lines.append(line)
            if text in line:
                break
    return "".join(lines)


async def test_nothing_can_be_written_where_the_commands_of_these_tests_run(image: Path) -> None:
    async with started(image, "python", "-c", "open('file', 'w')") as process:
        assert "Permission denied" in await said(process)


async def test_the_start_command_works_for_the_temporal_it_is_given(
    image: Path, temporal: Engine, client: Client, idle_world: World
) -> None:
    async with started(
        image,
        *command(),
        TEMPORAL_ADDRESS=temporal.address,
        TEMPORAL_NAMESPACE=client.namespace,
        CLAIMS_SMTP_HOST="127.0.0.1",
        CLAIMS_SMTP_TLS="none",
        CLAIMS_STORE_URL=str(idle_world.folder / "store"),
        CLAIMS_OUTBOX_FOLDER=str(idle_world.folder / "outbox"),
        CLAIMS_BUILD_ID="0.1.0",
        CLAIMS_WORKER_KEYS=KEY,
    ) as worker:
        output = await said_until(worker, "Working.")
        assert "Working." in output, output
        assert f"Claims come to it after: {set_current_command('0.1.0')}\n" in output
        worker.send_signal(signal.SIGTERM)
        rest = await said(worker)
    assert worker.returncode == 0, rest


async def test_the_start_command_says_which_temporal_does_not_answer(
    image: Path, tmp_path: Path
) -> None:
    store = str(tmp_path / "store")
    address = {"TEMPORAL_ADDRESS": NOWHERE, "TEMPORAL_NAMESPACE": "claims"}
    mail = {"CLAIMS_SMTP_HOST": "127.0.0.1", "CLAIMS_SMTP_TLS": "none"}
    given = {"CLAIMS_STORE_URL": store, "CLAIMS_WORKER_KEYS": KEY, **address, **mail}
    async with started(image, *command(), **given) as worker:
        output = await said(worker)
    assert worker.returncode == 4, output
    assert NOWHERE in output
    assert "Traceback" not in output


@pytest.mark.thorough
@pytest.mark.parametrize("service", ["worker", "page"])
async def test_what_a_service_runs_and_is_checked_with_is_in_the_image(
    service: str, image: Path
) -> None:
    words: list[str] = SERVICES[service].get("command", command())
    async with started(image, *words[:2], "--help") as process:
        assert "Usage" in await said(process)
    assert process.returncode == 0
    async with started(image, *SERVICES[service]["healthcheck"]["test"][1:]) as process:
        output = await said(process)
    assert process.returncode == 1, "nothing is running"
    assert "No such file" not in output
    assert "ModuleNotFoundError" not in output


def test_every_module_of_the_image_finds_what_it_imports(image: Path) -> None:
    modules = [
        ".".join(path.relative_to(image).with_suffix("").parts)
        for path in image.rglob("*.py")
        if path.stem != "__main__"
    ]
    assert "workflows.claim" in modules
    assert not [name for name in modules if name.startswith(("tests", "bench"))]
    script = "import importlib, sys; [importlib.import_module(name) for name in sys.argv[1:]]"
    done = subprocess.run(
        [sys.executable, "-c", script, *modules],
        cwd=image,
        env={"PATH": os.defpath, "PYTHONPATH": str(image), "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        encoding="utf-8",
        timeout=LIMIT,
    )
    assert done.returncode == 0, done.stderr


def test_no_secret_and_no_data_of_this_machine_is_in_the_image(image: Path) -> None:
    assert not {"var", ".git", ".venv", "tests", "docs"} & {each.name for each in image.iterdir()}


def test_the_image_is_pinned_and_does_not_run_as_root() -> None:
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert len(bases) == 2
    assert all(re.fullmatch(r"python:\d+\.\d+\.\d+-slim-\w+", base) for base in bases)
    final = DOCKERFILE.rpartition("FROM ")[2]
    assert re.search(r"^USER [1-9]\d+$", final, re.MULTILINE), "a number, which can be checked"
    assert "install uv" not in final
    assert 'EXTRAS="--extra worker"\nRUN uv sync --frozen --no-dev $EXTRAS\n' in DOCKERFILE, (
        "worker, page and command line"
    )


def _is_left_out(path: str) -> bool:
    """As the ignore file says it; what it uses of that language is names and leading stars."""
    parts = Path(path).parts
    return any(
        re.fullmatch(pattern.replace(".", r"\.").replace("*", ".*"), parts[0])
        for pattern in _ignored()
    )


def _ignored() -> Iterator[str]:
    for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines():
        if "/" not in line:
            yield line
