from __future__ import annotations

from pathlib import Path

import pytest

from cpor import engine


@pytest.fixture(autouse=True)
def _nothing_configured(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ADDRESS", "NAMESPACE", "API_KEY", "PROFILE"):
        monkeypatch.delenv(f"TEMPORAL_{name}", raising=False)
    monkeypatch.setenv("TEMPORAL_CONFIG_FILE", str(tmp_path / "temporal.toml"))


def test_without_an_address_nothing_is_configured() -> None:
    assert engine.configured() is None


def test_a_namespace_alone_configures_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "claims")
    assert engine.configured() is None


def test_the_environment_names_an_address(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", "temporal.example:7233")
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "claims")
    assert engine.configured() == {"target_host": "temporal.example:7233", "namespace": "claims"}


def test_a_profile_names_an_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "temporal.toml").write_text('[profile.prod]\naddress = "prod.example:7233"\n')
    monkeypatch.setenv("TEMPORAL_PROFILE", "prod")
    assert engine.configured() == {"target_host": "prod.example:7233"}


def test_a_file_that_cannot_be_read_is_said_not_passed_over(tmp_path: Path) -> None:
    (tmp_path / "temporal.toml").write_text("[profile.default\n")
    with pytest.raises(engine.NotConfigured, match=r"temporal\.toml"):
        engine.configured()
