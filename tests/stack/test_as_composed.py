"""What the compose file says, as processes on loopback have it."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from cpor.engine.ports import LOOPBACK
from cpor.settings import Settings, secret_files
from deployment import make_keys, make_secrets
from tests.stack.compose import PORTS, SERVICES, Native, retention_days, version

OF_THE_STACK = (
    *("postgresql", "temporal-schema", "temporal", "store", "mailpit", "worker", "page"),
)
HERE = {port: 20_000 + number for number, port in enumerate(PORTS)}


@pytest.mark.parametrize("name", OF_THE_STACK)
def test_nothing_of_a_container_is_left(name: str, tmp_path: Path) -> None:
    native = Native(name, tmp_path, HERE)
    values = [v for k, v in native.environment.items() if not k.endswith(("_USER", "_ID"))]
    said = "\n".join([*native.command, *values])
    others = "|".join(SERVICES)
    assert "$$" not in said
    assert "0.0.0.0" not in said
    assert not re.search(rf"\b({others}):", said)
    assert not re.search(rf"(?<![\d.])({'|'.join(PORTS)})(?!\d)", said)
    assert not re.search(r"(?<![\w/])/(run|data|etc/temporal/dynamic)\b", said)


def test_a_worker_finds_the_others_on_their_ports(tmp_path: Path) -> None:
    worker = Native("worker", tmp_path, HERE).environment
    assert worker["TEMPORAL_ADDRESS"] == f"{LOOPBACK}:{HERE['7233']}"
    assert worker["AWS_ENDPOINT"] == f"http://{LOOPBACK}:{HERE['7070']}"
    assert (worker["CLAIMS_SMTP_HOST"], worker["CLAIMS_SMTP_PORT"]) == (LOOPBACK, str(HERE["1025"]))
    assert worker["CLAIMS_TRUSTED_KEYS"] == str(tmp_path / "keys/trusted/trusted-keys.json")
    assert worker["CLAIMS_PROOFS"] == "require", "what the compose file says stays as it is"


def test_the_store_keeps_what_it_is_sent_in_a_folder_of_the_stack(tmp_path: Path) -> None:
    *_, script = Native("store", tmp_path, HERE).command
    assert f"--port {LOOPBACK}:{HERE['7070']} --health /health posix {tmp_path}/store" in script


def test_a_service_is_handed_only_the_secrets_that_are_for_it(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir()
    for name in ("claims_link_secret", "aws_secret_access_key", "claims_worker_keys"):
        (tmp_path / "secrets" / name).write_text(name)
    page = Native("page", tmp_path, HERE)
    page.hand_secrets()
    assert sorted(each.name for each in page.secrets.iterdir()) == [
        "aws_secret_access_key",
        "claims_link_secret",
    ]


def test_versions_and_retention_are_read_from_it() -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", version("temporal"))
    assert version("store") in SERVICES["store"]["image"]
    assert retention_days() > 30


@pytest.mark.parametrize("name", ["worker", "page", "operators", "mail-alias", "incentives"])
def test_who_is_ours_can_begin_with_the_settings_and_secrets_it_is_handed(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_secrets.make(tmp_path / "secrets")
    make_keys.make(tmp_path / "keys")
    native = Native(name, tmp_path, HERE)
    native.hand_secrets()
    environment = {**native.environment, secret_files.FOLDER: str(native.secrets)}
    monkeypatch.setattr(os, "environ", environment)
    assert Settings.load().store_url == "s3://claims"
