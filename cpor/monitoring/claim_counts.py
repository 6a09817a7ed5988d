"""Metrics of all claims, counted once a minute: their statuses, and what they owe.

Every worker that shows metrics counts all claims, so the numbers of two workers must not be added.
After a count that failed the numbers are NaN until one succeeds: no alert rests on old numbers.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import math
from collections import Counter
from collections.abc import AsyncGenerator, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from itertools import product
from typing import get_args

from temporalio.client import Client
from temporalio.common import MetricMeter

from cpor.alongside import alongside
from cpor.client.client import ClaimsClient
from cpor.client.open_debts import SEARCH, OpenDebt
from cpor.contract import search_attributes
from cpor.rules.debt import DebtKind
from cpor.rules.lifecycle import Status
from cpor.rules.state import WaitingFor
from cpor.settings import Settings
from cpor.store import Store

log = logging.getLogger(__name__)

INTERVAL = 60.0
"""Seconds."""
MOST_ASKED = 100
"""How many claims are asked for their debts. How many have debts is always counted."""
PAUSE = 0.1
"""Seconds between two requests: an engine may allow ten a second to all its clients together."""
ANSWER_LIMIT = timedelta(seconds=10)

RUNNING = 'ExecutionStatus = "Running"'
OVERDUE = f"{RUNNING} AND {search_attributes.OVERDUE.name} = true"
STATES = ("late", "parked")
AGES: Mapping[str, timedelta] = {
    "hour": timedelta(hours=1),
    "day": timedelta(days=1),
    "week": timedelta(days=7),
    "older": timedelta.max,
}
"""The upper limit of each age."""

Labels = tuple[str, ...]
STATUSES: tuple[Labels, ...] = tuple(
    product((status.value for status in Status), get_args(WaitingFor))
)
DEBTS: tuple[Labels, ...] = tuple(product(get_args(DebtKind), STATES, AGES))


class ClaimCounts:
    def __init__(self, client: Client, claims: ClaimsClient, meter: MetricMeter) -> None:
        self._client = client
        self._claims = claims
        self._open = meter.create_gauge_float("claims_open", "Claims that are not over.")
        self._overdue = meter.create_gauge_float("claims_overdue", "Claims with an overdue review.")
        self._owing = meter.create_gauge_float(
            "claims_owing", "Claims with late or parked debts, the unasked ones included."
        )
        self._unasked = meter.create_gauge_float(
            "claims_owing_unasked", "Those of them whose debts are not among claims_debts."
        )
        self._debts = meter.create_gauge_float("claims_debts", "Late and parked debts.")
        self._counts = meter.create_counter("claims_counts", "Counts of all claims, by result.")
        # An alert watches its growth, and that needs a first value.
        for result in ("done", "failed"):
            self._counts.add(0, {"result": result})

    async def update(self) -> None:
        """Count everything; if anything fails, no number is shown."""
        try:
            statuses = {labels: await self._number(_query(*labels)) for labels in STATUSES}
            overdue = await self._number(OVERDUE)
            owing = await self._number(SEARCH)
            found = await self._claims.owed(MOST_ASKED)
        except Exception as error:
            # Whatever failed, the old numbers would now be misleading.
            log.warning("all claims could not be counted: %s", type(error).__name__)
            self._show({}, math.nan, math.nan, math.nan, None)
            self._counts.add(1, {"result": "failed"})
            return
        asked = {debt.claim_id for debt in found if debt.state != "unknown"}
        self._show(statuses, overdue, owing, max(0, owing - len(asked)), found)
        self._counts.add(1, {"result": "done"})

    def _show(
        self,
        statuses: Mapping[Labels, float],
        overdue: float,
        owing: float,
        unasked: float,
        found: Iterable[OpenDebt] | None,
    ) -> None:
        for status, waiting_for in STATUSES:
            number = statuses.get((status, waiting_for), math.nan)
            self._open.set(number, {"status": status, "waiting_for": waiting_for})
        self._overdue.set(overdue)
        self._owing.set(owing)
        self._unasked.set(unasked)
        numbers = None if found is None else Counter(_labels(found, datetime.now(UTC)))
        for labels in DEBTS:
            number = math.nan if numbers is None else numbers[labels]
            self._debts.set(number, dict(zip(("kind", "state", "age"), labels, strict=True)))

    async def _number(self, query: str) -> float:
        await asyncio.sleep(PAUSE)
        return (await self._client.count_workflows(query, rpc_timeout=ANSWER_LIMIT)).count


@contextlib.asynccontextmanager
async def counting(settings: Settings, client: Client, meter: MetricMeter) -> AsyncGenerator[None]:
    """Count until the end of the block, if metrics are shown at all."""
    if settings.metrics_address is None:
        yield
        return
    claims = ClaimsClient(client, Store.open(settings.store_url))
    async with alongside(_update_regularly(ClaimCounts(client, claims, meter))):
        yield


async def _update_regularly(counts: ClaimCounts) -> None:
    while True:
        await counts.update()
        await asyncio.sleep(INTERVAL)


def _query(status: str, waiting_for: str) -> str:
    return (
        f'{RUNNING} AND {search_attributes.STATUS.name} = "{status}" '
        f'AND {search_attributes.WAITING_FOR.name} = "{waiting_for}"'
    )


def _labels(found: Iterable[OpenDebt], now: datetime) -> Iterator[Labels]:
    for debt in found:
        if debt.kind is not None and debt.since is not None:
            age = now - debt.since
            yield debt.kind, debt.state, next(name for name, most in AGES.items() if age <= most)
