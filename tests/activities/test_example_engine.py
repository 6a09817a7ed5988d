"""The example of an incentive engine: a process of its own, told as a worker would tell it."""

from __future__ import annotations

import asyncio
import json
import shlex
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import httpx
import pytest
from pydantic import SecretStr

from activities import Activities
from activities.events.delivery import HandOffActivity
from activities.events.signature import Signer, wall_clock
from cpor.proofs import verify
from cpor.proofs.keys import save_private
from cpor.rules.effects.events import Event, EventResult
from tests.activities.deliveries import (
    BOTH_KEYS,
    EVENT,
    NEW_KEY,
    NOTHING_KNOWN,
    OLD_KEY,
    RECALL,
    ROOT,
    ExampleEngine,
    attempted,
    example_engine,
    told,
)
from tests.activities.facts import CLAIM
from tests.examples import REVIEWER
from tests.proofs.keys import OWN
from tests.workflows.proving import proving
from tests.workflows.world import DAY, World

STRANGERS_KEY = "whsec_" + "A" * 32


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[ExampleEngine]:
    with example_engine(tmp_path) as engine:
        yield engine


async def handed(
    engine: ExampleEngine,
    event: Event = EVENT,
    keys: str | None = OLD_KEY,
    clock: Callable[[], datetime] = wall_clock,
) -> EventResult:
    async with told(engine.url, keys, clock=clock) as receiver:
        return await attempted(
            HandOffActivity("urn:cpor-claims", receiver, NOTHING_KNOWN).hand_off, event
        )


async def posted(
    engine: ExampleEngine, body: bytes, signed_id: str = EVENT.id, **headers: str
) -> tuple[int, str]:
    """Rightly signed, whatever it is; `headers` replace those."""
    signed = Signer(SecretStr(OLD_KEY)).headers(signed_id, body)
    replaced = {name.replace("_", "-"): value for name, value in headers.items()}
    async with httpx.AsyncClient() as client:
        answer = await client.post(engine.url, content=body, headers={**signed, **replaced})
    return answer.status_code, answer.text


@pytest.mark.parametrize("key", [OLD_KEY, NEW_KEY, BOTH_KEYS])
async def test_an_event_signed_with_any_of_its_keys_is_entered(
    engine: ExampleEngine, key: str
) -> None:
    assert (await handed(engine, keys=key)).outcome == "taken"
    (entry,) = engine.ledger
    assert (entry["id"], entry["type"], entry["data"]) == (EVENT.id, EVENT.type, EVENT.data)


@pytest.mark.parametrize(
    ("keys", "why"), [(STRANGERS_KEY, "No matching signature"), (None, "Missing required headers")]
)
async def test_a_forged_event_is_refused(engine: ExampleEngine, keys: str | None, why: str) -> None:
    result = await handed(engine, keys=keys)
    assert result.outcome == "refused"
    assert result.detail.startswith(f"401 Unauthorized: {why}")
    assert engine.ledger == []


@pytest.mark.parametrize(("minutes", "why"), [(-6, "too old"), (6, "too new")])
async def test_an_old_event_is_refused_and_one_from_the_future(
    engine: ExampleEngine, minutes: int, why: str
) -> None:
    result = await handed(engine, clock=lambda: wall_clock() + timedelta(minutes=minutes))
    assert result.outcome == "refused"
    assert why in result.detail
    assert engine.ledger == []


async def test_a_recorded_event_cannot_be_sent_again_under_another_id_or_time(
    engine: ExampleEngine,
) -> None:
    body = json.dumps({"id": EVENT.id, "type": EVENT.type, "data": {"claim_id": CLAIM}}).encode()
    for changes in (
        {"webhook_id": f"{CLAIM}.ready.2"},
        {"webhook_timestamp": str(int(wall_clock().timestamp()) + 30)},
        {"webhook_signature": "v1,"},
        {"webhook_signature": "nothing of the kind"},
    ):
        assert (await posted(engine, body, **changes))[0] == 401
    assert engine.ledger == []
    assert await posted(engine, body) == (200, "Entered.")


async def test_a_repeated_event_is_taken_and_not_entered_twice(engine: ExampleEngine) -> None:
    for keys in (OLD_KEY, NEW_KEY, BOTH_KEYS):
        assert (await handed(engine, keys=keys)).outcome == "taken"
    assert len(engine.ledger) == 1


async def test_one_event_many_times_at_once_is_entered_once(engine: ExampleEngine) -> None:
    results = await asyncio.gather(*(handed(engine) for _ in range(20)))
    assert {result.outcome for result in results} == {"taken"}
    assert len(engine.ledger) == 1


async def test_it_knows_after_a_restart_what_it_entered(tmp_path: Path) -> None:
    for _ in range(2):
        with example_engine(tmp_path) as engine:
            assert (await handed(engine)).outcome == "taken"
            assert len(engine.ledger) == 1


async def test_a_recall_stands_in_the_ledger_after_its_hand_off(engine: ExampleEngine) -> None:
    await handed(engine)
    assert (await handed(engine, RECALL)).outcome == "taken"
    assert [entry["id"] for entry in engine.ledger] == [EVENT.id, RECALL.id]
    assert engine.ledger[1]["data"]["recalls"] == EVENT.id


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"junk", 400),
        (b"[]", 400),
        (b'{"id": 1}', 400),
        (b'{"id": "x", "type": "cpor.claim.changed", "data": {"claim_id": "C"}}', 422),
        (b'{"id": "x", "type": "cpor.claim.recalled", "data": {"claim_id": "C"}}', 422),
    ],
)
async def test_what_is_no_event_for_it_is_refused(
    engine: ExampleEngine, body: bytes, status: int
) -> None:
    assert (await posted(engine, body))[0] == status
    assert engine.ledger == []


async def test_what_is_too_long_is_refused_before_it_is_read(engine: ExampleEngine) -> None:
    host, port = engine.url.removeprefix("http://").split(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(b"POST / HTTP/1.1\r\nContent-Length: 2000000\r\n\r\n")
    assert b" 413 " in await reader.readline()
    writer.close()


async def test_it_says_how_to_answer_so_that_a_repeat_does_no_harm(engine: ExampleEngine) -> None:
    await handed(engine)
    words = shlex.split(engine.said("Answer with: "))
    assert words[2:8] == ["uv", "run", "starter.py", "send", CLAIM, "eligibility_result"]
    assert json.loads(words[8]) == {
        "id": f"{EVENT.id}.eligible",
        "by": {"role": "system", "id": "incentives"},
        "outcome": "eligible",
    }


ASKED = EVENT.model_copy(
    update={
        "id": f"{CLAIM}.asked.1",
        "type": "cpor.claim.asked-again",
        "data": {**EVENT.data, "asks_again": EVENT.id},
    }
)


@pytest.mark.parametrize("again", [EVENT, ASKED], ids=["the same event", "a question"])
async def test_it_answers_again_when_it_is_asked_again_and_by_the_same_id(
    engine: ExampleEngine, again: Event
) -> None:
    await handed(engine)
    first = engine.said("Answer with: ")
    assert (await handed(engine, again)).outcome == "taken"
    assert engine.said("Answer with: ") == first


async def test_what_was_recalled_meanwhile_is_not_answered(tmp_path: Path) -> None:
    with example_engine(tmp_path, "--answer", "eligible", "--after", "0.5") as engine:
        await handed(engine)
        await handed(engine, RECALL)
        assert engine.said(EVENT.id + " was recalled") == f"{EVENT.id} was recalled: no answer."


async def test_an_answer_that_cannot_be_given_is_left_to_a_human(tmp_path: Path) -> None:
    options = ("--answer", "not_eligible", "--after", "0")
    with example_engine(tmp_path, *options, TEMPORAL_ADDRESS="127.0.0.1:1") as engine:
        await handed(engine)
        assert "No Temporal answers" in engine.said("Not answered: ")
        assert "not_eligible" in engine.said("Do it with: uv run starter.py send ")


@pytest.mark.parametrize("outcome", ["eligible", "not_eligible"])
async def test_a_claim_is_handed_off_and_hears_how_it_was_judged(
    idle_world: World, outcome: str
) -> None:
    world = idle_world
    options = ("--answer", outcome, "--after", "0")
    with example_engine(world.folder, *options, **where(world)) as engine:
        signed = {"hand_off_url": engine.url, "hand_off_keys": SecretStr(BOTH_KEYS)}
        settings = world.settings.model_copy(update=signed)
        async with Activities(settings) as activities, world.working(activities):
            claim = await world.open()
            await world.tell(claim, "approve", by=REVIEWER)
            await world.until_claim(claim, consent="pending", owed=[])
            await world.pass_time(claim, 8 * DAY)
            await world.until_claim(claim, eligibility=outcome, owed=[])
        assert [entry["id"] for entry in engine.ledger] == [f"{claim.id}.ready.1"]


async def test_it_signs_its_answer_where_claims_take_only_what_is_signed(
    idle_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The claim's days are skipped, those of the engine's clock are not.
    monkeypatch.setattr(verify, "OLDEST", 30 * DAY)
    world = idle_world
    save_private(OWN["engine"], key := world.folder / "engine.key.json")
    options = ("--answer", "eligible", "--after", "0", "--key", str(key))
    with example_engine(world.folder, *options, **where(world)) as engine:
        handing_off = {"hand_off_url": engine.url, "hand_off_keys": SecretStr(BOTH_KEYS)}
        world.settings = world.settings.model_copy(update=handing_off)
        async with proving(world) as proven:
            claim = await proven.open()
            await proven.tell(claim, "reviewers", "approve", id="m-1", by=REVIEWER)
            await world.until_claim(claim, consent="pending", owed=[])
            await world.pass_time(claim, 8 * DAY)
            await world.until_claim(claim, eligibility="eligible", owed=[])
            (answer,) = [
                each for each in await world.history(claim) if each["what"] == "eligibility_result"
            ]
    assert answer["signed_by"] == "engine"


def where(world: World) -> dict[str, str]:
    return {
        "TEMPORAL_ADDRESS": world.client.service_client.config.target_host,
        "TEMPORAL_NAMESPACE": world.client.namespace,
    }


@pytest.mark.thorough
def test_it_says_what_it_can_do_and_what_is_wrong(tmp_path: Path) -> None:
    def run(*words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, str(ROOT / "examples/eligibility_engine.py"), *words],
            capture_output=True,
            text=True,
            timeout=30,
            check=False,
        )

    assert "--ledger" in run("--help").stdout
    wrongs = ["--keys whsec_", "--keys x", "--port 99999", "--ledger /", "--key nowhere.json"]
    for wrong in map(str.split, wrongs):
        done = run("--ledger", str(tmp_path / "ledger"), *wrong)
        assert done.returncode == 2
        assert "error:" in done.stderr
        assert "Traceback" not in done.stderr
