"""The files that deploy the project, held against what the project knows. No Docker runs here."""

from __future__ import annotations

import asyncio
import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from cpor.contract import search_attributes
from cpor.engine.build import UI_VERSION
from cpor.engine.errors import NotObtained
from cpor.engine.ports import free_ports
from cpor.page import server
from cpor.proofs import keys
from cpor.settings import PREFIX, USUAL_PORTS, Settings, secret_files
from deployment import make_keys, make_secrets
from tests.deployment import check_compose
from worker import LONGEST_STOP

ROOT = Path(__file__).resolve().parents[2]
COMPOSE: Mapping[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))
SERVICES: Mapping[str, Mapping[str, Any]] = COMPOSE["services"]
WORKER, PAGE = SERVICES["worker"], SERVICES["page"]
SETUP: str = SERVICES["temporal-setup"]["command"][0]
ONE_OFF = {name for name, service in SERVICES.items() if service["restart"] == "no"}

OURS = ("worker", "page")
SPEAKERS = {"mail-alias": "mail", "incentives": "incentives", "operators": "operators"}
"""Started by hand, each with its key."""

each_service = pytest.mark.parametrize("name", SERVICES)


def test_the_file_is_as_the_compose_specification_has_it() -> None:
    checker = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec"]
    done = subprocess.run(
        [*checker, ROOT / "docker-compose.yml"], capture_output=True, encoding="utf-8", timeout=300
    )
    assert done.returncode == 0, done.stdout


@each_service
def test_no_service_can_gain_rights(name: str) -> None:
    assert SERVICES[name]["cap_drop"] == ["ALL"]
    assert SERVICES[name]["security_opt"] == ["no-new-privileges:true"]
    assert name in ONE_OFF or "mem_limit" in SERVICES[name]


def test_roots_are_read_only_where_the_image_can_live_with_it() -> None:
    writing = {name for name, service in SERVICES.items() if not service.get("read_only")}
    assert writing == {*ONE_OFF - SPEAKERS.keys(), "temporal-ui"}


def test_secrets_are_files_that_one_command_makes(tmp_path: Path) -> None:
    wanted = {name: Path(secret["file"]) for name, secret in COMPOSE["secrets"].items()}
    assert wanted == {name: make_secrets.FOLDER / name for name in make_secrets.NAMES}
    assert make_secrets.make(tmp_path / "secrets") == list(wanted)
    made = {name: (tmp_path / "secrets" / name).read_text() for name in wanted}
    assert len(set(made.values())) == len(wanted)
    assert make_secrets.make(tmp_path / "secrets") == [], "what is there stays as it is"
    assert {name: (tmp_path / "secrets" / name).read_text() for name in wanted} == made
    assert (tmp_path / "secrets").stat().st_mode & 0o077 == 0


@each_service
def test_services_are_handed_the_secrets_they_read_and_no_others(name: str) -> None:
    service = SERVICES[name]
    read = set(re.findall(r"/run/secrets/(\w+)", json.dumps(service)))
    handed = set(service.get("secrets", []))
    assert handed <= set(COMPOSE["secrets"])
    assert read == handed or (not read and name in {*OURS, *SPEAKERS})
    # The keys that are trusted are public ones.
    plain = [each for each in _plain(service) if each != "CLAIMS_TRUSTED_KEYS"]
    assert not re.search(r"PASSWORD|SECRET|PWD|KEYS", " ".join(plain))


def _plain(service: Mapping[str, Any]) -> list[str]:
    """Variables that hold what they say, and not the name of a file."""
    return [name for name in service.get("environment", {}) if not name.endswith("_FILE")]


def test_it_has_all_that_a_deployment_needs() -> None:
    images = {service["image"].split(":")[0] for service in SERVICES.values()}
    assert images == {
        "postgres",
        "temporalio/admin-tools",
        "temporalio/server",
        "temporalio/ui",
        "axllent/mailpit",
        "versity/versitygw",
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
        place, _, inside = volume.partition(":")
        is_only_read = place.startswith(f"./{make_keys.FOLDER}/") and inside.endswith(":ro")
        assert is_only_read or place in COMPOSE["volumes"]


def test_keys_are_made_once_and_each_is_trusted_with_its_own(tmp_path: Path) -> None:
    assert make_keys.make(tmp_path / "keys") == list(make_keys.WHO)
    assert make_keys.make(tmp_path / "keys") == []
    trusted = keys.trusted(tmp_path / "keys" / make_keys.TRUSTED).keys
    assert {kid: key.roles for kid, key in trusted.items()} == {
        kid: limits["roles"] for kid, limits in make_keys.WHO.items()
    }
    assert trusted["page"].messages == ["decline"]
    assert (tmp_path / "keys").stat().st_mode & 0o077 == 0


def test_each_private_key_is_handed_to_who_speaks_with_it_and_to_nobody_else() -> None:
    speaking = {**SPEAKERS, "page": "page"}
    for name, service in SERVICES.items():
        keys_in = [volume for volume in service.get("volumes", []) if ".key.json" in volume]
        file = f"{speaking[name]}.key.json" if name in speaking else None
        place = f"/run/keys/{file}"
        assert keys_in == ([f"./{make_keys.FOLDER}/{file}:{place}:ro"] if file else [])
        assert service.get("environment", {}).get("CLAIMS_SIGNING_KEY") == (file and place)


@pytest.mark.parametrize("name", SPEAKERS)
def test_who_speaks_by_hand_is_started_with_no_other_service(name: str) -> None:
    assert SERVICES[name]["profiles"] == ["speakers"]
    assert SERVICES[name]["entrypoint"] == ["python", "starter.py"]
    assert SERVICES[name]["image"] == WORKER["image"]
    with_the_link_secret = {"CLAIMS_DECLINE_URL"}
    ours = {
        key: value
        for key, value in WORKER["environment"].items()
        if key in PAGE["environment"].keys() - with_the_link_secret
    }
    assert ours.items() <= SERVICES[name]["environment"].items()
    assert not with_the_link_secret & SERVICES[name]["environment"].keys()


def test_what_answers_under_any_name_is_reached_through_the_door_alone() -> None:
    door = SERVICES["front-door"]
    for each in door["command"][2:]:
        port, _, behind = each.partition("=")
        name, _, _ = behind.partition(":")
        assert f"127.0.0.1:{port}:{port}" in door["ports"]
        assert "ports" not in SERVICES[name]
    assert {each.partition("=")[2] for each in door["command"][2:]} == {
        "temporal-ui:8080",
        "mailpit:8025",
    }


async def test_the_door_of_the_containers_turns_away_who_asks_by_another_name() -> None:
    async def behind(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 4\r\n\r\nread")
        writer.close()

    (port,) = free_ports(1)
    script = ROOT / "deployment/front_door.py"
    async with await asyncio.start_server(behind, "127.0.0.1", 0) as server:
        its_port = server.sockets[0].getsockname()[1]
        door = await asyncio.create_subprocess_exec(
            *[sys.executable, script, f"{port}=127.0.0.1:{its_port}"],
            env={**os.environ, "PYTHONPATH": str(ROOT)},
            stdout=asyncio.subprocess.PIPE,
        )
        try:
            assert door.stdout
            assert (await asyncio.wait_for(door.stdout.readline(), 60)).startswith(b"Open")
            async with httpx.AsyncClient() as browser:
                for name, status in (("localhost", 200), ("evil.example", 421)):
                    asked = {"Host": f"{name}:{port}"}
                    answer = await browser.get(f"http://127.0.0.1:{port}/", headers=asked)
                    assert (answer.status_code, "read" in answer.text) == (status, status == 200)
        finally:
            door.terminate()
            assert await door.wait() == 0


@each_service
def test_configs_are_files_that_can_be_put_into_a_read_only_root(name: str) -> None:
    """Compose refuses to start a read-only service with a config of inline content."""
    for config in SERVICES[name].get("configs", []):
        place = ROOT / COMPOSE["configs"][config["source"]]["file"]
        assert yaml.safe_load(place.read_text("utf-8"))
        # Another user than ours reads it in the container.
        assert place.stat().st_mode & 0o444 == 0o444


@pytest.mark.thorough
async def test_the_loader_of_compose_itself_takes_the_file(tmp_path: Path) -> None:
    try:
        loader = await check_compose.build_loader(tmp_path)
    except (NotObtained, check_compose.LoaderNotObtained) as error:
        pytest.skip(f"Compose's loader can't be built: {error}")
    assert check_compose.complaint(loader, ROOT / "docker-compose.yml") == ""
    broken = tmp_path / "broken.yml"
    broken.write_text("services: {page: {image: a, configs: [{source: nowhere}]}}\n")
    assert "nowhere" in check_compose.complaint(loader, broken)


@pytest.mark.parametrize("name", OURS)
def test_our_services_are_set_up_by_settings_they_know(
    name: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    environment: Mapping[str, str] = SERVICES[name]["environment"]
    assert {name for name in environment if not name.startswith(PREFIX)} == {
        "TEMPORAL_ADDRESS",
        "TEMPORAL_NAMESPACE",
        "AWS_ENDPOINT",
        "AWS_ALLOW_HTTP",
        "AWS_REGION",
        "AWS_ACCESS_KEY_ID",
    }
    for secret in SERVICES[name]["secrets"]:
        assert secret.upper().startswith(secret_files.PREFIXES)
        (tmp_path / secret).write_text("x" * 40)
        monkeypatch.setenv(secret.upper(), "")
    monkeypatch.setenv(secret_files.FOLDER, str(tmp_path))
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    settings = Settings.load()
    assert settings.link_secret
    assert os.environ["AWS_SECRET_ACCESS_KEY"]
    for name, value in environment.items():
        if name.startswith(PREFIX):
            found = str(getattr(settings, name.removeprefix(PREFIX).lower()))
            assert found.lower() == value.lower()


def test_the_worker_finds_its_neighbours() -> None:
    environment: Mapping[str, str] = WORKER["environment"]
    assert environment["CLAIMS_SMTP_HOST"] in WORKER["depends_on"]
    assert int(environment["CLAIMS_SMTP_PORT"]) not in USUAL_PORTS.values(), "Mailpit's is 1025"
    host, _, port = environment["TEMPORAL_ADDRESS"].partition(":")
    assert f"127.0.0.1:{port}:{port}" in SERVICES[host]["ports"]
    kept = WORKER["volumes"][0].partition(":")[2]
    assert environment["CLAIMS_OUTBOX_FOLDER"].startswith(f"{kept}/")


def test_the_store_is_there_with_the_bucket_and_the_user_that_are_asked_for() -> None:
    store = SERVICES["store"]
    (script,) = store["command"]
    (folder,) = store["volumes"]
    bucket = WORKER["environment"]["CLAIMS_STORE_URL"].removeprefix("s3://")
    assert f"mkdir -p {folder.partition(':')[2]}/{bucket}\n" in script
    assert store["environment"]["ROOT_ACCESS_KEY_ID"] == WORKER["environment"]["AWS_ACCESS_KEY_ID"]
    port = WORKER["environment"]["AWS_ENDPOINT"].removeprefix("http://store:")
    assert f"--port :{port} " in script
    assert f"http://127.0.0.1:{port}/health" in store["healthcheck"]["test"]
    assert "--health /health" in script
    for name in OURS:
        assert "store" in SERVICES[name]["depends_on"]


def test_two_servers_live_with_the_connections_that_the_database_takes() -> None:
    pools = SERVICES["temporal"]["environment"]
    of_a_service = int(pools["SQL_MAX_CONNS"]) + int(pools["SQL_VIS_MAX_CONNS"])
    services, servers, usual, of_superusers = 4, 2, 100, 3
    assert services * servers * of_a_service <= usual - of_superusers


@pytest.mark.parametrize(
    "what",
    [
        "WORKFLOW_TERMINATE",
        "WORKFLOW_RESET",
        "WORKFLOW_PAUSE",
        "BATCH_ACTIONS",
        "ACTIVITY_COMMANDS",
    ],
)
def test_the_ui_does_nothing_that_loses_a_claim(what: str) -> None:
    assert SERVICES["temporal-ui"]["environment"][f"TEMPORAL_{what}_DISABLED"] == "true"


def test_no_mail_is_deleted_to_make_room() -> None:
    assert SERVICES["mailpit"]["environment"]["MP_MAX_MESSAGES"] == "0"


def test_they_have_time_to_finish() -> None:
    assert int(WORKER["stop_grace_period"].removesuffix("s")) > LONGEST_STOP.total_seconds()
    assert int(PAGE["stop_grace_period"].removesuffix("s")) > server.GRACE


def test_the_page_is_where_the_mails_say_and_reads_the_links_that_the_worker_signs() -> None:
    for shared in ("CLAIMS_DECLINE_URL", "CLAIMS_STORE_URL"):
        assert PAGE["environment"][shared] == WORKER["environment"][shared]
    not_the_pages = {"claims_worker_keys"}
    assert set(PAGE["secrets"]) == set(WORKER["secrets"]) - not_the_pages
    port = PAGE["environment"]["CLAIMS_DECLINE_URL"].rpartition(":")[2]
    assert f"127.0.0.1:{port}:{port}" in PAGE["ports"]
    assert PAGE["command"][1:] == ["starter.py", *_serving(port)]
    assert f"http://127.0.0.1:{port}/about" in PAGE["healthcheck"]["test"][-1]
    assert PAGE["image"] == WORKER["image"]


def _serving(port: str) -> list[str]:
    return ["serve-decline", "--host", "0.0.0.0", "--port", port]


def test_the_search_attributes_are_those_that_workflows_write() -> None:
    created = dict(re.findall(r"--name (\w+) --type (\w+)", SETUP))
    assert created == {
        key.name: key.indexed_value_type.name.title().replace("_", "")
        for key in search_attributes.ALL
    }


def test_the_namespace_is_the_workers_and_keeps_claims_as_long_as_is_usual() -> None:
    namespaces = set(re.findall(r"--namespace (\S+)", SETUP))
    assert namespaces == {WORKER["environment"]["TEMPORAL_NAMESPACE"]}
    (days,) = re.findall(r"--retention (\d+)d", SETUP)
    assert int(days) == Settings.model_fields["retention_days"].default
