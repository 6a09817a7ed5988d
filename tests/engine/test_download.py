from __future__ import annotations

import sys
from pathlib import Path

import pytest

from cpor.engine import download as module
from cpor.engine.download import download, fetch, kept_download
from cpor.engine.errors import NotObtained

ARRIVES = """
import os, sys
path = os.path.join(sys.argv[1], "temporal-cli")
open(path, "w").write("engine")
os.chmod(path, 0o755)
"""
HALF = "import os, sys; open(os.path.join(sys.argv[1], 'x'), 'w').write('half'); "
SILENT = "import time; time.sleep(600)"


@pytest.fixture
def scratch(tmp_path: Path) -> Path:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    return scratch


def fake(script: str) -> list[str]:
    return [sys.executable, "-I", "-c", script]


@pytest.mark.usefixtures("empty_cache")
async def test_what_a_fake_download_brings_is_kept(
    monkeypatch: pytest.MonkeyPatch, told: list[str]
) -> None:
    monkeypatch.setattr(module, "FETCH", ARRIVES)
    server = await download(told.append)
    folder = kept_download().find()
    assert folder
    assert server.binary == folder / "temporal"
    assert server.binary.read_text() == "engine"


@pytest.mark.parametrize("script", [SILENT, HALF + SILENT])
async def test_a_fake_host_that_says_nothing_more_is_given_up(
    script: str, scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SILENCE_LIMIT", 0.5)
    with pytest.raises(NotObtained, match="didn't answer"):
        await fetch(fake(script), scratch, scratch / "temporal", print)


async def test_a_fake_download_that_fails_says_why(scratch: Path) -> None:
    with pytest.raises(NotObtained, match="no route to host"):
        await fetch(
            fake(HALF + "sys.exit('no route to host')"), scratch, scratch / "temporal", print
        )


async def test_a_fake_download_that_brings_nothing_is_no_engine(scratch: Path) -> None:
    with pytest.raises(NotObtained, match="left no engine"):
        await fetch(fake("pass"), scratch, scratch / "temporal", print)


async def test_a_host_that_cannot_be_reached_is_named_by_the_sdk_itself(
    scratch: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the interpreter would crash at its end, and that be the last line."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:1")
    with pytest.raises(NotObtained, match=r"download failed \(.*ephemeral server executable"):
        await fetch([sys.executable, "-c", module.FETCH], scratch, scratch / "temporal", print)
