"""The numbers about all claims, counted on a real engine and scraped over HTTP."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

import pytest
from temporalio.client import Client
from temporalio.runtime import PrometheusConfig, Runtime, TelemetryConfig

from cpor import engine
from cpor.client.client import ClaimsClient
from cpor.client.open_debts import OpenDebt
from cpor.contract import search_attributes
from cpor.engine.ports import free_ports
from cpor.monitoring import claim_counts
from cpor.monitoring.claim_counts import AGES, DEBTS, ClaimCounts
from cpor.plugin import ClaimsPlugin
from cpor.store import Store
from tests.examples import PARTNER, REVIEWER
from tests.monitoring.scraped import scrape
from tests.workflows.world import World


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claim_counts, "PAUSE", 0)


@pytest.fixture(scope="module", name="shown")
def metrics() -> tuple[Runtime, str]:
    address = f"127.0.0.1:{free_ports(1)[0]}"
    config = PrometheusConfig(bind_address=address, counters_total_suffix=True)
    return Runtime(telemetry=TelemetryConfig(metrics=config)), address


@pytest.fixture(name="client")
async def client_in_a_namespace_of_its_own(temporal: engine.Engine) -> Client:
    """Else the claims of other tests would be counted, too."""
    client = await Client.connect(temporal.address, namespace="counted", plugins=[ClaimsPlugin()])
    await engine.register(client, retention=timedelta(days=1), attributes=search_attributes.ALL)
    return client


async def test_claims_are_counted_by_status_and_by_whom_they_wait_for(
    world: World, shown: tuple[Runtime, str]
) -> None:
    runtime, address = shown
    await world.open()
    claim = await world.open()
    await world.until_claim(claim, status="Submitted")
    await world.tell(claim, "request_info", by=REVIEWER, requests=[{"reason": "missing_all_poe"}])
    await world.until_claim(claim, waiting_for="partner")
    await world.open(submit=False, by=PARTNER)
    counts = ClaimCounts(world.client, _claims(world), runtime.metric_meter)

    async def counted() -> bool:
        await counts.update()
        return scrape(address).value("claims_open") == 3

    await world.until(counted)
    found = scrape(address)
    assert found.value("claims_open", status="Submitted", waiting_for="reviewer") == 1
    assert found.value("claims_open", status="Partner action required") == 1
    assert found.value("claims_open", status="Editing", waiting_for="partner") == 1
    assert found.value("claims_open", status="Approved") == 0
    assert found.value("claims_overdue") == 0
    assert found.value("claims_counts_total", result="done")


async def test_debts_of_a_fake_client_are_counted_by_kind_state_and_age(
    idle_world: World, shown: tuple[Runtime, str]
) -> None:
    runtime, address = shown
    now = datetime.now(UTC)

    claims = FakeClaims(
        OpenDebt("A", "late", kind="hand_off", since=now - timedelta(minutes=20)),
        OpenDebt("A", "late", kind="hand_off", since=now - timedelta(minutes=59)),
        OpenDebt("A", "parked", kind="notice", since=now - timedelta(days=8)),
        OpenDebt("B", "late", kind="record", since=now - timedelta(hours=23)),
        OpenDebt("C", "unknown"),
    )
    await ClaimCounts(idle_world.client, claims, runtime.metric_meter).update()
    found = scrape(address)
    assert found.value("claims_debts", kind="hand_off", state="late", age="hour") == 2
    assert found.value("claims_debts", kind="notice", state="parked", age="older") == 1
    assert found.value("claims_debts", kind="record", state="late", age="day") == 1
    assert found.value("claims_debts") == 4
    assert len([each for each in found.samples if each.name == "claims_debts"]) == len(DEBTS)


async def test_a_real_parked_mail_is_counted(world: World, shown: tuple[Runtime, str]) -> None:
    runtime, address = shown
    world.post.refuses["ada@fabrikam.example"] = "550 5.1.1 no such person"
    await world.open()
    counts = ClaimCounts(world.client, _claims(world), runtime.metric_meter)

    async def counted() -> float | None:
        await counts.update()
        return scrape(address).value("claims_owing")

    await world.until(counted)
    found = scrape(address)
    assert found.value("claims_debts", kind="notice", state="parked", age="hour") == 1
    assert found.value("claims_owing_unasked") == 0


async def test_numbers_that_cannot_be_had_are_gone_and_not_old_also_of_a_fake_client(
    idle_world: World, shown: tuple[Runtime, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    runtime, address = shown
    await ClaimCounts(idle_world.client, FakeClaims(), runtime.metric_meter).update()
    failed = scrape(address).value("claims_counts_total", result="failed") or 0
    monkeypatch.setattr(claim_counts, "ANSWER_LIMIT", timedelta(milliseconds=300))
    nowhere = Client(idle_world.client.service_client, namespace="nowhere")
    await ClaimCounts(nowhere, FakeClaims(), runtime.metric_meter).update()
    found = scrape(address)
    assert found.value("claims_counts_total", result="failed") == failed + 1
    for name in ("open", "overdue", "owing", "owing_unasked", "debts"):
        values = [each.value for each in found.samples if each.name == f"claims_{name}"]
        assert values
        assert all(math.isnan(value) for value in values)


@pytest.mark.parametrize(
    ("age", "bucket"),
    [
        (timedelta(seconds=-5), "hour"),
        (timedelta(hours=1), "hour"),
        (timedelta(hours=1, seconds=1), "day"),
        (timedelta(days=7), "week"),
        (timedelta(days=4000), "older"),
    ],
)
def test_an_age_is_one_of_four(age: timedelta, bucket: str) -> None:
    assert next(name for name, most in AGES.items() if age <= most) == bucket


class FakeClaims(ClaimsClient):
    """They owe what they are told to."""

    def __init__(self, *debts: OpenDebt) -> None:
        self._debts = debts

    async def owed(self, most: int | None = None) -> list[OpenDebt]:
        assert most == claim_counts.MOST_ASKED
        return list(self._debts)


def _claims(world: World) -> ClaimsClient:
    return ClaimsClient(world.client, Store.open("memory://"), world.task_queue)
