"""One worker that shows everything, through a claim's life until it is told to end."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from temporalio.client import WorkflowFailureError
from temporalio.envconfig import ClientConnectConfig
from temporalio.exceptions import ApplicationError

from cpor.client.errors import MessageRefused
from cpor.contract.names import TASK_QUEUE
from cpor.engine.ports import free_ports
from cpor.local_temporal import Where, connect
from tests.examples import PARTNER, REVIEWER, opening
from tests.monitoring.claims import open_claim
from tests.monitoring.scraped import Scrape, scrape
from tests.shell import LIMIT, Shell, shell_in

CLAIM = "CPOR-WATCHED"


@dataclass
class Watched:
    shell: Shell
    metrics: str
    health: str
    seen: list[int]
    """What /ready answered, from the first answer on."""
    left_behind: Path

    def get(self, path: str) -> int | None:
        try:
            return httpx.get(f"http://{self.health}{path}", trust_env=False).status_code
        except httpx.TransportError:
            return None

    async def until(self, condition: Callable[[], Any]) -> Any:
        async with asyncio.timeout(LIMIT):
            while not (found := condition()):
                await asyncio.sleep(0.05)
        return found


@pytest.fixture(scope="module")
async def watched(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Watched]:
    """After a claim was opened, spoken to wrongly and rightly, and approved."""
    metrics, health = (f"127.0.0.1:{port}" for port in free_ports(2))
    with shell_in(tmp_path_factory.mktemp("watched")) as shell:
        old = _an_upload_of_last_month(shell)
        watched = Watched(shell, metrics, health, [], old)
        shell.start_worker(
            CLAIMS_LOG_FORMAT="json", CLAIMS_METRICS_ADDRESS=metrics, CLAIMS_HEALTH_ADDRESS=health
        )

        def ready() -> bool:
            if code := watched.get("/ready"):
                watched.seen.append(code)
            return code == 200

        await watched.until(ready)
        claims = await open_claim(shell, CLAIM)
        await _refused_starts(ClientConnectConfig(target_host=shell.engine["address"]))
        with pytest.raises(MessageRefused):
            await claims.send(CLAIM, "approve", {"by": PARTNER})
        await claims.signal(CLAIM, "Lars Ek", {"by": REVIEWER})
        note = "Ask lars@contoso.example"
        await claims.send(CLAIM, "comment", {"id": "m-1", "by": REVIEWER, "text": note})
        await claims.send(CLAIM, "approve", {"id": "m-2", "by": REVIEWER})
        await watched.until(lambda: _mails(scrape(metrics), "consent"))
        await watched.until(lambda: scrape(metrics).value("claims_counts_total", result="done"))
        yield watched


def _an_upload_of_last_month(shell: Shell) -> Path:
    place = shell.folder / "var/store/incoming/CPOR-NOBODY/0"
    place.parent.mkdir(parents=True)
    place.write_text("Nobody ever named it.")
    at = place.stat().st_mtime - timedelta(days=30).total_seconds()
    os.utime(place, (at, at))
    return place


async def _refused_starts(options: ClientConnectConfig) -> None:
    """Openings that no careful client would send, alone and together with a signal."""
    client = await connect(Where(options))
    # Python warns of a coroutine when it collects the garbage, so there has to be some.
    for number in range(30):
        handle = await client.start_workflow(
            "Claim",
            {"note": "Ask lars@contoso.example"},
            id=f"CPOR-REFUSED-{number}",
            task_queue=TASK_QUEUE,
            start_signal="comment" if number % 2 else None,
            start_signal_args=[{"text": "Ask lars@contoso.example"}],
        )
        with pytest.raises(WorkflowFailureError) as raised:
            await handle.result()
        assert isinstance(raised.value.cause, ApplicationError)
        assert raised.value.cause.type == "invalid"


def _mails(found: Scrape, kind: str) -> float | None:
    return found.value("claims_notices_total", kind=kind, result="accepted")


def test_it_is_ready_only_when_it_works(watched: Watched) -> None:
    assert watched.seen[-1] == 200
    assert set(watched.seen[:-1]) <= {503}
    assert watched.get("/live") == 200


async def test_it_sweeps_what_nobody_sealed_by_itself(watched: Watched) -> None:
    await watched.until(lambda: not watched.left_behind.exists())


def test_it_counts_what_it_did(watched: Watched) -> None:
    found = scrape(watched.metrics)
    assert found.value("claims_refused_total", message="approve", code="wrong_role") == 1
    assert found.value("claims_refused_total", message="unknown", code="invalid") == 1
    assert found.value("claims_counts_total", result="failed") == 0, "there before the first"
    assert _mails(found, "submitted") == 1
    assert _mails(found, "consent") == 1


def test_it_shows_what_the_sdk_counts(watched: Watched) -> None:
    found = scrape(watched.metrics)
    assert found.value("temporal_request_total", operation="RespondWorkflowTaskCompleted")
    behind = "temporal_workflow_task_schedule_to_start_latency_seconds_bucket"
    assert found.value(behind, le="5")


def test_no_metric_names_a_claim_or_a_person(watched: Watched) -> None:
    text = scrape(watched.metrics).text
    assert not [word for word in [CLAIM, *_content()] if word in text]


def test_it_ends_unready_and_its_log_holds_ids_and_no_content(watched: Watched) -> None:
    worker = watched.shell.workers[-1]
    worker.send_signal(signal.SIGTERM)
    watched.shell.until(lambda: watched.get("/ready") != 200)
    said, log = worker.communicate(timeout=LIMIT)
    assert worker.returncode == 0
    assert said == ""
    lines = [json.loads(line) for line in log.splitlines()]
    assert all({"time", "level", "logger", "message"} <= line.keys() for line in lines)
    assert _said(lines, "comment accepted") == {"claim": CLAIM, "message_id": "m-1"}
    assert _said(lines, "approve accepted") == {"claim": CLAIM, "message_id": "m-2"}
    assert _said(lines, "approve refused") == {"claim": CLAIM, "code": "wrong_role"}
    mail = f"{CLAIM}.consent.1.contact"
    assert _said(lines, f"notice {mail} accepted") == {"claim": CLAIM, "debt": mail, "try": 1}
    assert not [word for word in _content() if word in log]
    assert not [line for line in lines if line["logger"] == "py.warnings"]


def _said(lines: list[dict[str, Any]], message: str) -> dict[str, Any]:
    (line,) = [each for each in lines if each["message"] == message]
    usual = ("time", "level", "logger", "message")
    return {name: value for name, value in line.items() if name not in usual}


def _content() -> list[str]:
    """What people wrote, and who they are."""
    claim = opening(CLAIM)
    people = [claim["name"], claim["partner"], claim["customer"], claim["evidence"]]
    words = [word for word in re.findall(r'"([^"]+)"[,}]', json.dumps(people)) if len(word) > 3]
    assert "lars@contoso.example" in words
    return [*words, "Lars", "contoso.example"]
