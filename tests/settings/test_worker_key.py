"""Where no key is set, the worker of one machine makes one and keeps it for itself."""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import SecretStr

from cpor import worker_key
from cpor.settings import Settings, SettingsError


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CLAIMS_WORKER_KEYS", raising=False)
    return tmp_path


def key_of(settings: Settings) -> str:
    assert settings.worker_keys is not None
    return settings.worker_keys.get_secret_value()


def test_it_is_made_once_and_only_its_owner_can_read_it(here: Path) -> None:
    told: list[str] = []
    first, again = (worker_key.unless_configured(Settings(), told.append) for _ in range(2))
    assert key_of(first) == key_of(again)
    assert len(key_of(first)) > 32
    assert stat.S_IMODE((here / "var/worker.key").stat().st_mode) == 0o600
    assert [path.name for path in (here / "var").iterdir()] == ["worker.key"]
    assert "var/worker.key" in told[0]
    assert key_of(first) not in told[0]


def _made_by_others(file: Path) -> None:
    file.write_text("a" * 40)
    file.chmod(0o644)


def _empty(file: Path) -> None:
    file.touch(0o600)


def _elsewhere(file: Path) -> None:
    file.with_name("another").write_text("a" * 40)
    file.with_name("another").chmod(0o600)
    file.symlink_to("another")


@pytest.mark.parametrize("put", [_made_by_others, _empty, _elsewhere])
def test_what_others_may_have_put_there_is_no_key(here: Path, put: Callable[[Path], None]) -> None:
    (here / "var").mkdir()
    put(here / "var/worker.key")
    with pytest.raises(SettingsError, match=r"it is not ours alone|it has no key|symbolic links"):
        worker_key.unless_configured(Settings(), print)


def test_a_key_that_is_set_is_used(here: Path) -> None:
    given = Settings(worker_keys=SecretStr("k" * 32))
    assert worker_key.unless_configured(given, print) is given
    assert not (here / "var").exists()


def test_where_it_cannot_be_kept_the_setting_is_named(here: Path) -> None:
    (here / "var").write_text("no folder")
    with pytest.raises(SettingsError, match="set CLAIMS_WORKER_KEYS"):
        worker_key.unless_configured(Settings(), print)
