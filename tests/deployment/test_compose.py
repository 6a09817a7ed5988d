"""The files that deploy the project, held against what the project knows. No Docker runs here."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from engine.build import UI_VERSION
from settings import PREFIX, USUAL_PORTS, Settings
from worker import GRACE
from workflows import attributes

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: Mapping[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
SERVICES: Mapping[str, Mapping[str, Any]] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
WORKER = SERVICES["worker"]
SETUP: str = SERVICES["temporal-setup"]["command"][0]
ONE_OFF = {name for name, service in SERVICES.items() if service["restart"] == "no"}

each_service = pytest.mark.parametrize("name", SERVICES)


def test_it_has_all_that_a_deployment_needs() -> None:
    images = {service["image"].split(":")[0] for service in SERVICES.values()}
    assert images == {
        "postgres",
        "temporalio/admin-tools",
        "temporalio/server",
        "temporalio/ui",
        "axllent/mailpit",
        "cpor-claims-worker",
    }


@each_service
def test_images_are_pinned(name: str) -> None:
    _, _, tag = SERVICES[name]["image"].partition(":")
    assert re.search(r"\d+\.\d+", tag), "a tag with a version, not latest"


def test_the_tools_are_of_the_servers_version() -> None:
    tags = {
        service["image"].partition(":")[2]
        for service in SERVICES.values()
        if service["image"].startswith(("temporalio/server", "temporalio/admin-tools"))
    }
    assert len(tags) == 1
    assert SERVICES["temporal-ui"]["image"].endswith(f":{UI_VERSION}")


@each_service
def test_services_are_checked_and_one_offs_end(name: str) -> None:
    service = SERVICES[name]
    assert (name in ONE_OFF) != ("healthcheck" in service)
    assert (name in ONE_OFF) != (service["restart"] == "unless-stopped")


@each_service
def test_services_wait_for_what_they_need(name: str) -> None:
    for needed, how in SERVICES[name].get("depends_on", {}).items():
        ended = needed in ONE_OFF
        wanted = "service_completed_successfully" if ended else "service_healthy"
        assert how == {"condition": wanted}


@each_service
def test_ports_are_bound_to_loopback(name: str) -> None:
    for port in SERVICES[name].get("ports", []):
        assert re.fullmatch(r"127\.0\.0\.1:\d+:\d+", port)


@each_service
def test_data_is_kept_in_named_volumes(name: str) -> None:
    for volume in SERVICES[name].get("volumes", []):
        assert volume.partition(":")[0] in COMPOSE["volumes"]


@each_service
def test_configs_are_declared(name: str) -> None:
    for config in SERVICES[name].get("configs", []):
        assert yaml.safe_load(COMPOSE["configs"][config["source"]]["content"])


def test_the_worker_is_set_up_by_settings_it_knows(monkeypatch: pytest.MonkeyPatch) -> None:
    environment: Mapping[str, str] = WORKER["environment"]
    assert {name for name in environment if not name.startswith(PREFIX)} == {
        "TEMPORAL_ADDRESS",
        "TEMPORAL_NAMESPACE",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    settings = Settings.load()
    for name, value in environment.items():
        if name.startswith(PREFIX):
            assert str(getattr(settings, name.removeprefix(PREFIX).lower())) == value


def test_the_worker_finds_its_neighbours() -> None:
    environment: Mapping[str, str] = WORKER["environment"]
    assert environment["CLAIMS_SMTP_HOST"] in WORKER["depends_on"]
    assert int(environment["CLAIMS_SMTP_PORT"]) not in USUAL_PORTS.values(), "Mailpit's is 1025"
    host, _, port = environment["TEMPORAL_ADDRESS"].partition(":")
    assert f"127.0.0.1:{port}:{port}" in SERVICES[host]["ports"]
    kept = WORKER["volumes"][0].partition(":")[2]
    for name in ("CLAIMS_STORE_URL", "CLAIMS_OUTBOX_FOLDER"):
        assert environment[name].startswith(f"{kept}/")


def test_the_worker_has_time_to_finish() -> None:
    assert int(WORKER["stop_grace_period"].removesuffix("s")) > GRACE.total_seconds()


def test_the_search_attributes_are_those_that_workflows_write() -> None:
    created = dict(re.findall(r"--name (\w+) --type (\w+)", SETUP))
    assert created == {
        name: kind.name.title().replace("_", "") for name, kind in attributes.TYPES.items()
    }


def test_the_namespace_is_the_workers_and_keeps_claims_as_long_as_is_usual() -> None:
    namespaces = set(re.findall(r"--namespace (\S+)", SETUP))
    assert namespaces == {WORKER["environment"]["TEMPORAL_NAMESPACE"]}
    (days,) = re.findall(r"--retention (\d+)d", SETUP)
    assert int(days) == Settings.model_fields["retention_days"].default


def test_the_image_is_built_for_its_commands() -> None:
    (command,) = re.findall(r"^CMD (\[.*\])$", DOCKERFILE, re.MULTILINE)
    check: list[str] = WORKER["healthcheck"]["test"]
    for words in (json.loads(command), check[1:]):
        assert words[0] == "python"
        assert (ROOT / words[1]).is_file()
        assert not _is_left_out(words[1])


def test_the_image_holds_every_module_of_the_project() -> None:
    modules = [path.name for path in ROOT.glob("*.py")]
    packages = [path.parent.name for path in ROOT.glob("*/__init__.py")]
    left_out = {name for name in modules + packages if _is_left_out(name)}
    assert left_out <= {"bench", "tests"}


def test_the_image_is_pinned_and_does_not_run_as_root() -> None:
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)
    assert len(bases) == 2
    assert all(re.fullmatch(r"python:\d+\.\d+\.\d+-slim-\w+", base) for base in bases)
    final = DOCKERFILE.rpartition("FROM ")[2]
    assert re.search(r"^USER (?!root)", final, re.MULTILINE)
    assert "install uv" not in final
    assert "uv sync --frozen --no-dev" in DOCKERFILE


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
