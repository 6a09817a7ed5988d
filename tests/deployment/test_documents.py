"""What the pages on deploying and upgrading say is what the program and Temporal's SDK know."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path

import pytest
import yaml
from temporalio.envconfig import ClientConfig

from cpor.contract import search_attributes
from cpor.engine import configured
from cpor.settings import PREFIX, Settings, secret_files
from worker import LONGEST_STOP
from workflows.worker import DEPLOYMENT, GRACE, set_current_command

ROOT = Path(__file__).resolve().parents[2]
DEPLOYING = (ROOT / "docs/deploying.md").read_text("utf-8")
OPERATING = (ROOT / "docs/operating.md").read_text("utf-8")
UPGRADING = (ROOT / "docs/upgrading.md").read_text("utf-8")
RELEASE = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]["version"]
TEMPORAL = sorted(set(re.findall(r"TEMPORAL_[A-Z_]+[A-Z]", DEPLOYING)))


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in list(os.environ):
        if name.startswith("TEMPORAL_"):
            monkeypatch.delenv(name)


@pytest.mark.parametrize("page", [DEPLOYING, UPGRADING], ids=["deploying", "upgrading"])
def test_every_setting_that_is_named_is_one(page: str) -> None:
    named = {name.removeprefix(PREFIX).lower() for name in re.findall(r"CLAIMS_[A-Z_]+[A-Z]", page)}
    assert named <= set(Settings.model_fields)


@pytest.mark.parametrize("name", [each for each in TEMPORAL if each != "TEMPORAL_PROFILE"])
def test_every_variable_of_temporal_is_one_that_its_sdk_reads(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    before = ClientConfig.load_client_connect_config()
    file = tmp_path / "any"
    file.write_text("[profile.default]\naddress = 'temporal.company.example:7233'\n")
    is_file = name.endswith(("_PATH", "_FILE"))
    monkeypatch.setenv("TEMPORAL_TLS", "true")
    without = ClientConfig.load_client_connect_config()
    value = "true" if name == "TEMPORAL_TLS" else str(file) if is_file else "claims:7233"
    monkeypatch.setenv(name, value)
    if "_CLIENT_" in name:
        other = name.replace("CERT", "@").replace("KEY", "CERT").replace("@", "KEY")
        monkeypatch.setenv(other, str(file))
    assert ClientConfig.load_client_connect_config() not in (before, *_unless_tls(name, without))


def _unless_tls(name: str, without: object) -> list[object]:
    return [] if name == "TEMPORAL_TLS" else [without]


def test_a_key_from_a_file_is_enough_for_tls(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "temporal_api_key").write_text("hush\n")
    for name, value in {
        secret_files.FOLDER: str(tmp_path),
        "TEMPORAL_ADDRESS": "eu-central-1.aws.api.temporal.io:7233",
        "TEMPORAL_NAMESPACE": "claims.a1b2c",
        "TEMPORAL_API_KEY": "",
    }.items():
        monkeypatch.setenv(name, value)
    Settings.load()
    found = configured()
    assert found is not None
    assert (found.get("api_key"), found.get("namespace")) == ("hush", "claims.a1b2c")
    assert found.get("tls") is not False


def test_files_stand_for_just_the_variables_that_the_page_names() -> None:
    (sentence,) = re.findall(r"Files stand for variables that begin with\s(.*?);", DEPLOYING, re.S)
    assert tuple(re.findall(r"`(\w+)`", sentence)) == secret_files.PREFIXES
    assert f"`{secret_files.USUAL}`" in DEPLOYING


def test_the_cloud_is_given_the_search_attributes_that_workflows_write() -> None:
    assert dict(re.findall(r"--search-attribute (\w+)=(\w+)", DEPLOYING)) == {
        key.name: key.indexed_value_type.name.title().replace("_", "")
        for key in search_attributes.ALL
    }


def test_a_stop_has_the_time_that_the_worker_takes() -> None:
    assert f"| {LONGEST_STOP.seconds} s: give it" in DEPLOYING
    assert f"{GRACE.seconds} seconds at most" in OPERATING
    assert f"{LONGEST_STOP.seconds} seconds after" in OPERATING


def test_the_command_that_makes_a_version_current_is_the_one_the_worker_prints() -> None:
    assert f"`{set_current_command('0.2.0')}`" in UPGRADING
    assert f"describe --name {DEPLOYMENT}`" in UPGRADING


def test_the_image_of_the_compose_file_has_the_releases_number() -> None:
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))["services"]
    built = {service["image"] for service in services.values() if "build" in service}
    assert built == {f"cpor-claims-worker:{RELEASE}"}
