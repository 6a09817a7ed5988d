"""Which engine is taken. A fake `temporal` on PATH stands for those that won't do."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest

from cpor import engine
from cpor.engine import download
from cpor.engine.build import kept_build
from cpor.engine.cache import Kept
from cpor.engine.find import candidates
from tests.engine.engine_tools import ROOT, Scripts

SAYS_NO = f"""#!{sys.executable}
# The real server, with everything but the permission to skip time.
import os, sys, tempfile
from pathlib import Path
sys.path.insert(0, {str(ROOT)!r})
from cpor.engine.build import built, kept_build
from cpor.engine.servers import Place, server_config, write
port = int(sys.argv[sys.argv.index("--port") + 1])
data = sys.argv[sys.argv.index("--db-filename") + 1] if "--db-filename" in sys.argv else None
folder = Path(tempfile.mkdtemp(dir=os.environ["TRASH"]))
place = Place(port, None, Path(data) if data else None, folder)
config, dynamic = folder / "server.yaml", folder / "dynamic.yaml"
write(dynamic, {{}})
write(config, server_config(place, dynamic))
server = str(built(kept_build().path).server)
os.execv(server, [server, "--config-file", str(config), "--allow-no-auth", "start"])
"""


@pytest.fixture
def no_host(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(download, "FETCH", "raise SystemExit('no route to host')")


async def origins() -> list[str]:
    return [candidate.origin async for candidate in candidates()]


async def test_what_is_on_path_comes_first_then_what_is_kept_then_what_must_be_fetched(
    only_on_path: Scripts, empty_cache: Path
) -> None:
    async def maker(result: Path, _scratch: Path) -> None:
        (result / "any").touch()

    assert await origins() == ["downloaded from its vendor", "built here"]
    await kept_build().make(maker, "making it", print)
    assert await origins() == ["built here", "downloaded from its vendor"]
    temporal = only_on_path("temporal", "#!/bin/sh\n")
    assert (await origins())[0] == f"found at {temporal}"


@pytest.mark.usefixtures("only_on_path", "empty_cache", "no_host")
async def test_where_nothing_helps_one_error_says_what_was_tried_and_what_would_help() -> None:
    with pytest.raises(engine.EngineNotFound) as caught:
        async with engine.running(port=0, ui_port=None, tell=lambda _: None):
            pass
    said = str(caught.value)
    assert said.count("\n") == 0
    for part in ("no route to host", "needs Go 1.26.10", "`temporal` command on PATH", "GOPROXY"):
        assert part in said


async def test_a_fake_temporal_on_path_that_cannot_start_is_passed_over(
    real_engine: engine.Engine, only_on_path: Scripts, told: list[str]
) -> None:
    temporal = only_on_path("temporal", "#!/bin/sh\necho unknown flag >&2; exit 1\n")
    async with engine.running(port=0, ui_port=None, tell=told.append) as running:
        assert str(temporal) not in running.origin
        (note,) = running.notes
    assert note in told
    assert f"found at {temporal} is passed over" in note
    assert "unknown flag" in note


async def test_a_fake_temporal_on_path_that_says_no_to_time_skipping_is_passed_over(
    real_engine: engine.Engine,
    only_on_path: Scripts,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    if kept_build().find() is None:
        pytest.skip("needs the server without its UI, and this machine's engine is the vendor's")
    monkeypatch.setenv("TRASH", str(tmp_path))
    temporal = only_on_path("temporal", SAYS_NO)
    data = tmp_path / "var" / "temporal.db"

    async with engine.running(port=0, ui_port=None, data=data) as running:
        assert str(temporal) in running.origin
    async with engine.running(port=0, ui_port=None, time_skipping=True) as running:
        assert str(temporal) not in running.origin
        assert "it can't skip time" in running.notes[0]


@pytest.mark.skipif(not shutil.which("temporal"), reason="no real `temporal` on PATH")
async def test_a_real_temporal_on_path_is_taken_and_skips_time(tmp_path: Path) -> None:
    data = tmp_path / "temporal.db"
    for _ in range(2):
        async with engine.running(data=data, port=0, ui_port=0, time_skipping=True) as running:
            assert f"found at {shutil.which('temporal')}" in running.origin
            assert not running.notes


def test_binaries_of_one_machine_are_not_looked_for_on_another() -> None:
    assert os.uname().machine.lower() in kept_build().name
    assert kept_build() == Kept(kept_build().name)
