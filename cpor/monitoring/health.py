"""Whether the worker is alive and ready, over HTTP: GET /live and GET /ready.

It is ready while Temporal reports that this worker has recently polled for work. It is not ready
before it works, nor once it is told to stop.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
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
from cpor.monitoring import Unusable

RECENTLY = timedelta(minutes=3)
"""Longer than one poll for work lasts."""
ANSWER_LIMIT = timedelta(seconds=3)
SHUTDOWN_LIMIT = 1
"""Seconds: a client that does not go on must not delay the end of the worker."""

Obstacle = Callable[[], Awaitable[str | None]]
"""Why the worker is not ready; None where it is."""


class Health:
    def __init__(self) -> None:
        self._obstacle: Obstacle | str = "The worker is starting."

    @contextlib.contextmanager
    def working(self, obstacle: Obstacle) -> Generator[None]:
        """Ready inside the block, unless there is an obstacle; never again after it."""
        self._obstacle = obstacle
        try:
            yield
        finally:
            self._obstacle = "The worker is ending."

    async def live(self, _: Request) -> Response:
        return _text(200, "The worker lives.")

    async def ready(self, _: Request) -> Response:
        known = self._obstacle
        obstacle = known if isinstance(known, str) else await known()
        return _text(503, obstacle) if obstacle else _text(200, "Ready.")


@contextlib.asynccontextmanager
async def serving(address: str | None) -> AsyncGenerator[Health]:
    """Without an address nothing is served."""
    health = Health()
    if address is None:
        yield health
        return
    host, _, port = address.rpartition(":")
    try:
        listener = http_server.listen(host.strip("[]"), int(port))
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else str(error)
        raise Unusable(
            f"Health cannot be shown at {address}: {why}. Set another "
            "CLAIMS_HEALTH_ADDRESS, or end what listens there."
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
