"""A Temporal that is not ours, an engine that has forgotten, and nobody at work."""

from __future__ import annotations

import json
import signal
from datetime import timedelta

import pytest

from cpor import engine
from cpor.client.client import ClaimsClient
from cpor.client.errors import NoAnswer
from cpor.contract import search_attributes
from cpor.local_temporal import Where, connect
from cpor.store import Store
from tests.examples import PARTNER, REVIEWER, opening
from tests.shell import LIMIT, Shell, write_claim
from tests.workflows.world import World


async def test_a_configured_temporal_without_our_attributes_gets_the_command_that_makes_them(
    temporal: engine.Engine, shell: Shell
) -> None:
    worker = shell.start_worker(
        TEMPORAL_ADDRESS=temporal.address, TEMPORAL_NAMESPACE="temporal-system"
    )
    _, said = worker.communicate(timeout=LIMIT)
    assert worker.returncode == 1
    assert (
        "search attribute ClaimStatus is missing: temporal operator search-attribute create "
        "--namespace temporal-system --name ClaimStatus --type Keyword\n"
    ) in said
    assert len(said.splitlines()) == len(search_attributes.ALL)


async def test_a_configured_temporal_without_our_namespace_is_told_so(
    temporal: engine.Engine, shell: Shell
) -> None:
    worker = shell.start_worker(TEMPORAL_ADDRESS=temporal.address, TEMPORAL_NAMESPACE="nowhere")
    _, said = worker.communicate(timeout=LIMIT)
    assert worker.returncode == 1
    assert said == (
        "Temporal has no namespace 'nowhere': "
        "temporal operator namespace create --namespace nowhere --retention 90d\n"
    )


@pytest.mark.thorough
def test_what_the_engine_has_forgotten_is_read_from_the_record_and_its_id_stays_taken(
    shell: Shell,
) -> None:
    worker = shell.worker()
    claim = str(write_claim(shell.folder))
    assert shell.starter("start", claim).returncode == 0
    message = json.dumps({"by": PARTNER, "reason": "other"})
    assert shell.json("send", "CPOR-7Q2M4X", "withdraw", message)["outcome"] == "accepted"
    shell.until((shell.folder / "var/store/records/CPOR-7Q2M4X/record.json").exists)
    worker.send_signal(signal.SIGTERM)
    assert worker.wait(LIMIT) == 0
    for file in (shell.folder / "var").glob("temporal.db*"):
        file.unlink()

    shell.worker()
    known = shell.json("show", "CPOR-7Q2M4X", "--json")
    assert (known["status"], known["reasons"][0]["reason"]) == ("Rejected", "partner_request")
    again = shell.starter("start", claim)
    assert again.returncode == 3
    assert again.stderr.startswith("CPOR-7Q2M4X is taken by a claim that is over and forgotten")


async def test_an_engine_without_a_worker_takes_messages_and_says_who_is_missing(
    temporal: engine.Engine, idle_world: World
) -> None:
    options = {"target_host": temporal.address, "namespace": idle_world.client.namespace}
    client = await connect(Where(options))  # pyright: ignore[reportArgumentType]  a typed dict
    store, moment = Store.open("memory://"), timedelta(seconds=1)
    claims = ClaimsClient(client, store, idle_world.task_queue, answer_timeout=moment)
    claim_id = idle_world.new_id()
    await claims.open(opening(claim_id))
    answer = await claims.send(claim_id, "comment", {"by": REVIEWER, "text": "Is it on?"})
    assert (answer.outcome, answer.text) == (
        "taken",
        "Taken, not yet answered: no worker is there.",
    )
    with pytest.raises(NoAnswer, match="no worker answered") as missing:
        await claims.claim(claim_id)
    assert "uv run worker.py" in str(missing.value)


def test_what_keeps_a_mail_from_going_out_is_shown_with_the_claim(shell: Shell) -> None:
    shell.worker(CLAIMS_SMTP_HOST="127.0.0.1", CLAIMS_SMTP_PORT="1", CLAIMS_SMTP_TLS="none")
    assert shell.starter("start", str(write_claim(shell.folder))).returncode == 0
    said = shell.until(lambda: _mail_trouble(shell))
    assert "owes submitted since" in said


def _mail_trouble(shell: Shell) -> str:
    said = shell.starter("show", "CPOR-7Q2M4X").stdout
    return said if "(owed): try" in said else ""
