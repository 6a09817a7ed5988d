"""`worker.py --check`, with everything there and with each part broken in turn."""

from __future__ import annotations

import asyncio
import os
import re
import secrets
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from temporalio.client import Client

from cpor import engine
from cpor.cli.output.findings import table
from cpor.engine.ports import free_ports
from cpor.monitoring import checks, health
from cpor.monitoring.checks import Finding
from tests.activities.servers import RawServer, SmtpServer
from tests.forked import Running
from worker import try_mail_server, try_virus_scanner

ROOT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"
LIMIT = 300.0


@dataclass
class Surroundings:
    """All that settings can name, and the settings that name it."""

    settings: dict[str, str]
    mail: SmtpServer
    store: Path
    heard: list[bytes]


@pytest.fixture
async def surroundings(
    temporal: engine.Engine, client: Client, tmp_path: Path
) -> AsyncIterator[Surroundings]:
    heard: list[bytes] = []

    async def listen(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append(await reader.read())

    async def fake_clamd(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.readuntil(b"\0") == b"zVERSION\0"
        writer.write(b"ClamAV 1.4.6\0")

    async with (
        SmtpServer(password="hush") as mail,
        RawServer(listen) as receiver,
        RawServer(fake_clamd) as scanner,
    ):
        url = f"http://{HOST}:{receiver.port}/events?key=secret"
        settings = {
            "TEMPORAL_ADDRESS": temporal.address,
            "TEMPORAL_NAMESPACE": client.namespace,
            "CLAIMS_SMTP_HOST": HOST,
            "CLAIMS_SMTP_PORT": str(mail.port),
            "CLAIMS_SMTP_TLS": "none",
            "CLAIMS_SMTP_USER": "us",
            "CLAIMS_SMTP_PASSWORD": "hush",
            "CLAIMS_VENDOR_ADDRESS": "1 Example Way",
            "CLAIMS_VENDOR_CHECK_PHONE": "+1 425 555 0100",
            "CLAIMS_STORE_URL": str(tmp_path / "store"),
            "CLAIMS_CLAMD": f"{HOST}:{scanner.port}",
            "CLAIMS_HAND_OFF_URL": url,
            "CLAIMS_PORTAL_EVENTS_URL": url,
            "CLAIMS_DIRECTORY_URL": url,
            "CLAIMS_DECLINE_URL": "https://consent.company.example",
            "CLAIMS_LINK_SECRET": secrets.token_urlsafe(32),
        }
        yield Surroundings(settings, mail, tmp_path / "store", heard)


@pytest.fixture(autouse=True)
def clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [each for each in os.environ if each.startswith(("CLAIMS_", "TEMPORAL_"))]:
        monkeypatch.delenv(name)
    monkeypatch.chdir(tmp_path)


async def checked(monkeypatch: pytest.MonkeyPatch, settings: Mapping[str, str]) -> list[Finding]:
    for name, value in settings.items():
        monkeypatch.setenv(name, value)
    return list(await checks.run(try_mail_server, try_virus_scanner))


async def test_where_all_is_well_each_thing_says_so_and_nobody_was_told_anything(
    surroundings: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    found = await checked(monkeypatch, surroundings.settings)
    assert [each.what for each in found] == [
        "settings",
        "Temporal",
        "namespace",
        "search attributes",
        "mail server",
        "vendor",
        "store",
        "virus scanner",
        "hand-off",
        "portal's events",
        "directory",
        "link secret",
        "metrics",
        "health",
    ]
    assert {each.result for each in found} == {"ok"}, table(found)
    assert (surroundings.mail.connections, surroundings.mail.mails) == (1, [])
    assert set(surroundings.heard) <= {b""}
    assert [file for file in surroundings.store.rglob("*") if file.is_file()] == []


@pytest.mark.parametrize(
    ("setting", "value", "what", "found", "remedy"),
    [
        ("TEMPORAL_ADDRESS", "nobody", "Temporal", "No Temporal answers at", "TEMPORAL_ADDRESS"),
        (
            "TEMPORAL_NAMESPACE",
            "nowhere",
            "namespace",
            "Temporal has no namespace 'nowhere'",
            "temporal operator namespace create --namespace nowhere --retention 90d",
        ),
        (
            "TEMPORAL_NAMESPACE",
            "temporal-system",
            "search attribute",
            "search attribute ClaimStatus is missing",
            "--name ClaimStatus --type Keyword",
        ),
        ("CLAIMS_SMTP_PORT", "nobody", "mail server", "cannot be reached", "CLAIMS_SMTP_PORT"),
        ("CLAIMS_SMTP_PASSWORD", "wrong", "mail server", "refused the login", "SMTP_PASSWORD"),
        ("CLAIMS_VENDOR_ADDRESS", "", "vendor", "not told the postal address", "VENDOR_ADDRESS"),
        ("CLAIMS_VENDOR_CHECK_PHONE", "", "vendor", "where to check that", "VENDOR_CHECK_PHONE"),
        ("CLAIMS_VENDOR_LOGO", "nowhere.png", "vendor", "cannot be read", "name another"),
        ("CLAIMS_VENDOR_NAME", "a\nb", "settings", "text on one line", "settings.md"),
        ("CLAIMS_STORE_URL", "a file", "store", "cannot be opened", "CLAIMS_STORE_URL"),
        ("CLAIMS_STORE_URL", "/proc/none", "store", "cannot be opened", "CLAIMS_STORE_URL"),
        ("CLAIMS_CLAMD", "/nowhere", "virus scanner", "cannot be reached", "CLAIMS_CLAMD"),
        ("CLAIMS_HAND_OFF_URL", "nobody", "hand-off", "cannot be reached", "CLAIMS_HAND_OFF_URL"),
        (
            "CLAIMS_PORTAL_EVENTS_URL",
            "no tls",
            "portal's events",
            "does not prove who it is",
            "certificate",
        ),
        ("CLAIMS_DIRECTORY_URL", "nobody", "directory", "cannot be reached", "DIRECTORY_URL"),
        ("CLAIMS_LINK_SECRET", "short", "settings", "CLAIMS_LINK_SECRET must be", "settings.md"),
        ("CLAIMS_SMTP_HOTS", "x", "settings", "nearest is CLAIMS_SMTP_HOST", "settings.md"),
    ],
)
async def test_what_is_broken_is_found_and_what_to_do_is_said(
    surroundings: Surroundings,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    setting: str,
    value: str,
    what: str,
    found: str,
    remedy: str,
) -> None:
    async with SmtpServer() as no_tls:
        (tmp_path / "a file").write_text("no folder")
        port = free_ports(1)[0]
        if value == "no tls":
            value = f"https://{HOST}:{no_tls.port}/"
        elif value == "nobody":
            address = f"{HOST}:{port}"
            value = {"CLAIMS_SMTP_PORT": str(port), "TEMPORAL_ADDRESS": address}.get(
                setting, f"http://{address}/"
            )
        all_found = await checked(monkeypatch, {**surroundings.settings, setting: value})
    broken = [each for each in all_found if each.remedy]
    assert {each.what for each in broken} == {what}
    assert found in broken[0].found
    assert remedy in broken[0].remedy
    assert "key=secret" not in table(broken)


async def test_what_may_be_unset_is_no_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    found = {each.what: each for each in await checked(monkeypatch, {})}
    assert {each.result for each in found.values()} == {"ok"}
    assert "an engine of its own" in found["Temporal"].found
    assert re.fullmatch(
        r"none is set: mails are kept in var/mail, port \d+ is free", found["mail server"].found
    )
    assert found["metrics"].found == "CLAIMS_METRICS_ADDRESS is not set: shown nowhere"


async def test_a_port_is_free_or_a_workers_or_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    free, workers = (f"{HOST}:{port}" for port in free_ports(2))
    settings = {"CLAIMS_METRICS_ADDRESS": free, "CLAIMS_HEALTH_ADDRESS": workers}
    async with health.serving(workers):
        found = {each.what: each for each in await checked(monkeypatch, settings)}
    assert found["metrics"] == Finding("metrics", f"{free} is free")
    assert found["health"] == Finding("health", f"{workers} is in use by a worker")

    def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.close()

    async with RawServer(hang_up) as stranger:
        taken = f"{HOST}:{stranger.port}"
        settings = {"CLAIMS_METRICS_ADDRESS": taken, "CLAIMS_HEALTH_ADDRESS": workers}
        found = {each.what: each for each in await checked(monkeypatch, settings)}
    assert found["metrics"] == Finding(
        "metrics",
        f"nobody can listen at {taken} (Address already in use)",
        "end what listens there, or set another CLAIMS_METRICS_ADDRESS",
    )
    assert found["health"] == Finding("health", f"{workers} is free")


async def test_what_never_answers_is_given_up(
    surroundings: Surroundings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def say_nothing(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        pass

    monkeypatch.setattr(checks, "LIMIT", 1.0)
    async with RawServer(say_nothing) as silent:
        settings = {**surroundings.settings, "CLAIMS_SMTP_PORT": str(silent.port)}
        found = {each.what: each for each in await checked(monkeypatch, settings)}
    assert found["mail server"].found == "no answer within 1 s"


@pytest.mark.parametrize(
    ("settings", "code"), [({}, 0), ({"CLAIMS_HAND_OFF_URL": f"http://{HOST}:1/"}, 1)]
)
def test_the_command_prints_a_line_for_each_and_starts_nothing(
    tmp_path: Path, settings: Mapping[str, str], code: int
) -> None:
    checking = Running(ROOT / "worker.py", ["--check"], tmp_path, {**os.environ, **settings})
    said, complained = checking.communicate(LIMIT)
    assert (checking.returncode, complained) == (code, "")
    heading, *lines = said.splitlines()
    assert heading.split() == ["what", "result", "found", "what", "to", "do"]
    assert len(lines) == 12
    assert sum(" failed " in line for line in lines) == code
    assert not (tmp_path / "var/engine.json").exists()
