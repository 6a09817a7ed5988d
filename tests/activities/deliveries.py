"""What the tests of deliveries share: an event, its attempts, and the example that takes it."""

from __future__ import annotations

import json
import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Timer
from typing import Any

from pydantic import SecretStr
from standardwebhooks import Webhook
from temporalio.testing import ActivityEnvironment

from activities.events.delivery import HttpReceiver
from activities.events.signature import Signer, wall_clock
from cpor.rules.effects.events import Event, EventResult
from cpor.store import Store
from tests.activities.facts import BEGAN, CLAIM
from tests.forked import Running

ROOT = Path(__file__).parents[2]
LIMIT = 120.0
OLD_KEY = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
NEW_KEY = "whsec_bm90IGEgc2VjcmV0IHNpbmNlIGl0IGlzIGluIGEgdGVzdA=="
BOTH_KEYS = f"{NEW_KEY} {OLD_KEY}"

DATA: dict[str, Any] = {"claim_id": CLAIM, "products": [{"code": "teams"}], "name": "Größe"}
EVENT = Event(
    id=f"{CLAIM}.ready.1",
    type="cpor.claim.ready-for-eligibility",
    subject=CLAIM,
    time=datetime(2026, 3, 20, tzinfo=UTC),
    data=DATA,
)
RECALL = Event(
    id=f"{CLAIM}.recalled.1",
    type="cpor.claim.recalled",
    subject=CLAIM,
    time=datetime(2026, 4, 20, tzinfo=UTC),
    data={**DATA, "recalls": EVENT.id, "reason": "Our contract has ended."},
)
ENVELOPE = {
    "specversion": "1.0",
    "type": "cpor.claim.ready-for-eligibility",
    "source": "urn:cpor-claims",
    "id": f"{CLAIM}.ready.1",
    "subject": CLAIM,
    "time": "2026-03-20T00:00:00Z",
    "datacontenttype": "application/json",
    "data": DATA,
}

NOTHING_KNOWN = Store.open("memory://")
"""A store that knows nothing of the claim, but for what it is told."""

Deliver = Callable[[Event], Awaitable[EventResult]]


async def attempted(act: Deliver, event: Event = EVENT) -> EventResult:
    """One attempt, as the engine makes it: at the claim's own time, with two minutes."""
    environment = ActivityEnvironment()
    environment.info = replace(
        environment.info, started_time=BEGAN, start_to_close_timeout=timedelta(minutes=2)
    )
    return await environment.run(act, event)


@asynccontextmanager
async def told(
    url: str,
    keys: str | None = None,
    patience: float = 5,
    name: str = "The incentive engine",
    clock: Callable[[], datetime] = wall_clock,
) -> AsyncGenerator[HttpReceiver]:
    signer = Signer(SecretStr(keys) if keys else None, clock)
    receiver = HttpReceiver(name, url, patience, signer)
    try:
        yield receiver
    finally:
        await receiver.close()


def verifies(key: str, headers: Mapping[str, str], body: bytes) -> bool:
    """Whether the library of the specification takes it, as a receiver with this key would."""
    return Webhook(key).verify(body, dict(headers)) == json.loads(body)


@dataclass
class ExampleEngine:
    """The example incentive engine, as a process of its own."""

    url: str
    ledger_file: Path
    process: Running

    @property
    def ledger(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.ledger_file.read_text("utf-8").splitlines()]

    def said(self, beginning: str) -> str:
        """The next line that begins so; waits until there is one, or for too long."""
        limit = Timer(LIMIT, self.process.kill)
        limit.start()
        try:
            for line in self.process.stdout:
                if line.startswith(beginning):
                    return line.rstrip("\n")
        finally:
            limit.cancel()
        raise AssertionError(f"it never said: {beginning}")


@contextmanager
def example_engine(
    folder: Path, *options: str, keys: str = BOTH_KEYS, **environment: str
) -> Generator[ExampleEngine]:
    ledger = folder / "ledger.jsonl"
    words = ["--port", "0", "--ledger", str(ledger), "--keys", *keys.split(), *options]
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("TEMPORAL_", "CLAIMS_"))
    }
    script = ROOT / "examples/eligibility_engine.py"
    with Running(script, words, folder, inherited | environment) as process:
        example = ExampleEngine("", ledger, process)
        try:
            example.url = example.said("The incentive engine listens at").split()[-1]
            yield example
        finally:
            process.kill()
