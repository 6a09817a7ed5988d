from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

import pytest

from cpor import engine
from cpor.engine.cache import CACHE_VARIABLE
from tests.engine.engine_tools import FAKE_GO, ROOT, Alive, FakeGo, Scripts, Spawn, Until

LIMIT = 120.0


@pytest.fixture
def until() -> Until:
    """Waits until a condition holds, and fails when it doesn't within a limit."""

    async def wait(condition: Callable[[], bool]) -> None:
        deadline = time.monotonic() + LIMIT
        while not condition():
            assert time.monotonic() < deadline, "the condition never came true"
            await asyncio.sleep(0.02)

    return wait


@pytest.fixture
def alive() -> Alive:
    def look(pid: int) -> bool:
        """A zombie is dead, whoever forgets to bury it."""
        ps = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True)
        return ps.stdout.strip()[:1] not in ("", "Z")

    return look


@pytest.fixture(autouse=True)
def _litter_stays_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An engine that failed leaves its log for people to read; none will read these."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
def empty_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    cache = tmp_path / "cache"
    monkeypatch.setenv(CACHE_VARIABLE, str(cache))
    return cache


@pytest.fixture
def only_on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Scripts:
    """Puts scripts on a PATH that has nothing else but the system's own commands."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for command in ("sh", "ps", "sleep", "mkdir", "cat", "touch", "env", "rm"):
        if found := shutil.which(command):
            (folder / command).symlink_to(found)
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("UV", str(tmp_path / "no-uv"))

    def add(name: str, text: str) -> Path:
        script = folder / name
        script.write_text(text)
        script.chmod(0o755)
        return script

    return add


@pytest.fixture
def fake_go(
    tmp_path: Path, only_on_path: Scripts, empty_cache: Path, monkeypatch: pytest.MonkeyPatch
) -> FakeGo:
    folder = tmp_path / "go"
    folder.mkdir()
    monkeypatch.setenv("FAKE_GO_FOLDER", str(folder))
    monkeypatch.setenv("FAKE_GO_VERSION", "go1.27.3")
    only_on_path("go", FAKE_GO)
    return FakeGo(folder)


@pytest.fixture
def python(tmp_path: Path) -> Spawn:
    """Another process with this project on its path."""

    def start(*arguments: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, *arguments],
            env={**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)},
            stdout=subprocess.PIPE,
            text=True,
        )

    return start


@pytest.fixture(scope="session")
async def real_engine() -> AsyncGenerator[engine.Engine]:
    async with engine.running(port=0, ui_port=0, time_skipping=True) as running:
        yield running
