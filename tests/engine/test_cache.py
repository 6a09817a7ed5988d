from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from cpor.engine.cache import Kept, cache_folder
from cpor.engine.errors import NotObtained
from tests.engine.engine_tools import names_in

Maker = Callable[[Path, Path], Awaitable[None]]


def writes(text: str) -> Maker:
    async def maker(result: Path, scratch: Path) -> None:
        (scratch / "litter").write_text("left over")
        (result / "binary").write_text(text)

    return maker


async def make(kept: Kept, text: str) -> Path:
    return await kept.make(writes(text), "making it", print)


def test_the_cache_is_where_the_system_has_caches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CLAIMS_CACHE", raising=False)
    monkeypatch.setenv("HOME", "/home/someone")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    assert cache_folder() == Path("/home/someone/.cache/claims")
    monkeypatch.setenv("XDG_CACHE_HOME", "/caches")
    assert cache_folder() == Path("/caches/claims")
    monkeypatch.setattr(sys, "platform", "darwin")
    assert cache_folder() == Path("/home/someone/Library/Caches/claims")
    monkeypatch.setenv("CLAIMS_CACHE", "/elsewhere")
    assert cache_folder() == Path("/elsewhere")


async def test_what_was_made_is_found_and_nothing_else_is_left(empty_cache: Path) -> None:
    kept = Kept("thing")
    assert kept.find() is None
    path = await make(kept, "made")
    assert kept.find() == path
    assert names_in(empty_cache) == {"thing", "thing.lock"}


@pytest.mark.usefixtures("empty_cache")
@pytest.mark.parametrize("damage", ["cut", "changed", "gone", "no manifest", "bad manifest"])
async def test_what_is_damaged_is_not_found_and_made_anew(damage: str) -> None:
    kept = Kept("thing")
    binary = await make(kept, "made") / "binary"
    manifest = binary.with_name("manifest.json")
    match damage:
        case "cut":
            binary.write_text("ma")
        case "changed":
            binary.write_text("evil")
        case "gone":
            binary.unlink()
        case "no manifest":
            manifest.unlink()
        case _:
            manifest.write_text('{"files": {"binary": nul')
    assert kept.find() is None
    await make(kept, "anew")
    assert binary.read_text() == "anew"
    assert kept.find()


@pytest.mark.parametrize("whose", ["binary", "manifest.json", "thing", ""])
async def test_what_others_could_have_put_there_is_not_found_whatever_its_manifest_says(
    empty_cache: Path, whose: str, caplog: pytest.LogCaptureFixture
) -> None:
    kept = Kept("thing")
    path = await make(kept, "made")
    place = {"": empty_cache, "thing": path}.get(whose, path / whose)
    mode = place.stat().st_mode
    for writable in (0o002, 0o020):
        place.chmod(mode | writable)
        assert kept.find() is None
        assert f"others can write to it: {place}" in caplog.text
    place.chmod(mode)
    assert kept.find()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
@pytest.mark.parametrize("whose", ["binary", "manifest.json", "thing", ""])
async def test_what_belongs_to_another_user_is_not_found(empty_cache: Path, whose: str) -> None:
    kept = Kept("thing")
    path = await make(kept, "made")
    os.chown({"": empty_cache, "thing": path}.get(whose, path / whose), 65534, -1)
    assert kept.find() is None


async def test_what_is_a_link_is_not_found(empty_cache: Path, tmp_path: Path) -> None:
    path = await make(Kept("thing"), "made")
    path.rename(tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    assert Kept("thing").find() is None


async def test_nothing_is_made_where_others_can_write(empty_cache: Path) -> None:
    empty_cache.mkdir()
    empty_cache.chmod(0o777)
    with pytest.raises(NotObtained, match=r"others can write to .* let CLAIMS_CACHE name"):
        await make(Kept("thing"), "made")


async def test_what_is_made_is_written_by_nobody_else_whatever_the_umask(
    empty_cache: Path,
) -> None:
    before = os.umask(0)
    try:
        path = await make(Kept("thing"), "made")
    finally:
        os.umask(before)
    assert Kept("thing").find() == path


async def test_a_maker_that_fails_leaves_nothing(empty_cache: Path) -> None:
    async def fails(result: Path, _scratch: Path) -> None:
        (result / "binary").write_text("half")
        raise NotObtained("no more")

    with pytest.raises(NotObtained, match="no more"):
        await Kept("thing").make(fails, "making it", print)
    assert names_in(empty_cache) == {"thing.lock"}


@pytest.mark.usefixtures("empty_cache")
async def test_of_two_makers_one_makes_and_the_other_waits_and_says_so(told: list[str]) -> None:
    go_on = asyncio.Event()
    makers = 0

    async def slow(result: Path, _scratch: Path) -> None:
        nonlocal makers
        makers += 1
        await go_on.wait()
        (result / "binary").write_text("made")

    def tell(text: str) -> None:
        told.append(text)
        go_on.set()

    async with asyncio.timeout(120):
        first, second = await asyncio.gather(
            *(Kept("thing").make(slow, "making it", tell) for _ in range(2))
        )
    assert first == second
    assert makers == 1
    assert told == ["another process is making it; waiting"]


@pytest.fixture
def file_for_cache(empty_cache: Path) -> None:
    empty_cache.write_text("a file where the folder should be")


@pytest.mark.usefixtures("file_for_cache")
async def test_a_cache_that_cannot_be_written_is_said_with_the_way_out() -> None:
    with pytest.raises(NotObtained, match="CLAIMS_CACHE names another"):
        await make(Kept("thing"), "made")
