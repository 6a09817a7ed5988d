"""Whether a process is alive and ready, over HTTP: GET /live and GET /ready.

A worker is ready while Temporal reports that it has recently polled for work; the customer's page
while it can take a no. Neither is ready before it works, nor once it is told to stop.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import PollerInfo, TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.service import RPCError
from temporalio.worker import Worker

from cpor import http_server
from cpor.client.client import ClaimsClient
from cpor.client.errors import PortalError
from cpor.monitoring import Unusable
from cpor.store import StoreError

RECENTLY = timedelta(minutes=3)
"""Longer than one poll for work lasts."""
ANSWER_LIMIT = timedelta(seconds=3)
NOBODY = "CPOR-NOBODY"
"""No claim has this id; to ask for it is to knock."""
SHUTDOWN_LIMIT = 1
"""Seconds: a client that does not go on must not delay the end of the worker."""

Obstacle = Callable[[], Awaitable[str | None]]
"""Why it is not ready; None where it is."""


@dataclass(frozen=True)
class Who:
    name: str
    setting: str
    """That says where it shows its health."""


WORKER = Who("The worker", "CLAIMS_HEALTH_ADDRESS")
PAGE = Who("The customer's page", "CLAIMS_DECLINE_HEALTH_ADDRESS")


class Health:
    def __init__(self, who: Who) -> None:
        self._who = who
        self._obstacle: Obstacle | str = f"{who.name} is starting."

    @contextlib.contextmanager
    def working(self, obstacle: Obstacle) -> Generator[None]:
        """Ready inside the block, unless there is an obstacle; never again after it."""
        self._obstacle = obstacle
        try:
            yield
        finally:
            self._obstacle = f"{self._who.name} is ending."

    async def live(self, _: Request) -> Response:
        return _text(200, f"{self._who.name} lives.")

    async def ready(self, _: Request) -> Response:
        known = self._obstacle
        obstacle = known if isinstance(known, str) else await known()
        return _text(503, obstacle) if obstacle else _text(200, "Ready.")


@contextlib.asynccontextmanager
async def serving(address: str | None, who: Who = WORKER) -> AsyncGenerator[Health]:
    """Without an address nothing is served."""
    health = Health(who)
    if address is None:
        yield health
        return
    host, _, port = address.rpartition(":")
    try:
        listener = http_server.listen(host.strip("[]"), int(port))
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else str(error)
        raise Unusable(
            f"Health cannot be shown at {address}: {why}. Set another {who.setting}, "
            "or end what listens there."
        ) from None
    async with http_server.served(_app(health), listener, grace=SHUTDOWN_LIMIT):
        yield health


async def not_polling(worker: Worker) -> str | None:
    """Why this worker gets no work, according to Temporal; None where it does."""
    if not worker.is_running:
        return "The worker does not run."
    client = worker.client
    request = DescribeTaskQueueRequest(
        namespace=client.namespace,
        task_queue=TaskQueue(name=worker.task_queue),
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    )
    try:
        found = await client.workflow_service.describe_task_queue(request, timeout=ANSWER_LIMIT)
    except RPCError as error:
        return f"Temporal does not answer ({error.status.name})."
    if any(each.identity == client.identity and _polled_recently(each) for each in found.pollers):
        return None
    return "Temporal did not see this worker ask for work lately."


async def takes_no_noes(claims: ClaimsClient) -> str | None:
    """Why a customer's no could not be taken now; None where the store or Temporal takes it."""
    try:
        async with asyncio.timeout(ANSWER_LIMIT.total_seconds()):
            await claims.store.read_no(NOBODY, NOBODY)
            return None
    except (StoreError, TimeoutError):
        pass
    try:
        async with asyncio.timeout(ANSWER_LIMIT.total_seconds()):
            await claims.is_there(NOBODY)
            return None
    except (PortalError, TimeoutError):
        return "Neither the store nor Temporal answers: a no could not be taken."


def _polled_recently(poller: PollerInfo) -> bool:
    return datetime.now(UTC) - poller.last_access_time.ToDatetime(UTC) < RECENTLY


def _app(health: Health) -> Starlette:
    async def not_found(_: Request, __: Exception) -> Response:
        return _text(404, "There are /live and /ready.")

    async def not_allowed(_: Request, __: Exception) -> Response:
        return _text(405, "Only GET.")

    app = Starlette(
        routes=[Route("/live", health.live), Route("/ready", health.ready)],
        exception_handlers={404: not_found, 405: not_allowed},
    )
    app.router.redirect_slashes = False
    return app


def _text(status: int, text: str) -> Response:
    headers = {"Cache-Control": "no-store", "Connection": "close"}
    return PlainTextResponse(f"{text}\n", status, headers)
