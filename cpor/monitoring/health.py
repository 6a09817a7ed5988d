"""Whether the worker lives and is ready, over HTTP: GET /live and GET /ready.

It is ready while Temporal itself says that this worker asked for work lately, and not before it
began nor once it was told to end.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import AsyncGenerator, Awaitable, Callable, Generator
from datetime import UTC, datetime, timedelta

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import PollerInfo, TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.service import RPCError
from temporalio.worker import Worker

from cpor.monitoring import Unusable

LATELY = timedelta(minutes=3)
"""Longer than a worker waits for work before it asks again."""
ANSWER_LIMIT = timedelta(seconds=3)
PATIENCE = 10.0
"""Seconds for whoever asks to say what."""

Obstacle = Callable[[], Awaitable[str | None]]
"""Why it is not ready; None where it is."""


class Health:
    def __init__(self) -> None:
        self._obstacle: Obstacle = _told("The worker is starting.")

    @contextlib.contextmanager
    def working(self, obstacle: Obstacle) -> Generator[None]:
        """From now on it may be ready; at the end of this it is not, whatever still runs."""
        self._obstacle = obstacle
        try:
            yield
        finally:
            self._obstacle = _told("The worker is ending.")

    async def answer(self, path: str) -> tuple[str, str]:
        """Status and text."""
        match path:
            case "/live":
                return "200 OK", "The worker lives."
            case "/ready":
                obstacle = await self._obstacle()
                return ("503 Service Unavailable", obstacle) if obstacle else ("200 OK", "Ready.")
            case _:
                return "404 Not Found", "There are /live and /ready."


@contextlib.asynccontextmanager
async def serving(address: str | None) -> AsyncGenerator[Health]:
    """Without an address nobody is answered."""
    health = Health()
    if address is None:
        yield health
        return
    host, _, port = address.rpartition(":")
    try:
        server = await asyncio.start_server(_conversation(health), host.strip("[]"), int(port))
    except OSError as error:
        why = os.strerror(error.errno) if error.errno else str(error)
        raise Unusable(
            f"Health cannot be shown at {address}: {why}. Set another "
            "CLAIMS_HEALTH_ADDRESS, or end what listens there."
        ) from None
    try:
        yield health
    finally:
        server.close()


async def not_polling(worker: Worker) -> str | None:
    """Why this worker gets no work, as Temporal sees it; None where it does."""
    if not worker.is_running:
        return "The worker does not run."
    client = worker.client
    asked = DescribeTaskQueueRequest(
        namespace=client.namespace,
        task_queue=TaskQueue(name=worker.task_queue),
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    )
    try:
        found = await client.workflow_service.describe_task_queue(asked, timeout=ANSWER_LIMIT)
    except RPCError as error:
        return f"Temporal does not answer ({error.status.name})."
    if any(each.identity == client.identity and _was_there_lately(each) for each in found.pollers):
        return None
    return "Temporal did not see this worker ask for work lately."


def _was_there_lately(poller: PollerInfo) -> bool:
    return datetime.now(UTC) - poller.last_access_time.ToDatetime(UTC) < LATELY


def _told(text: str) -> Obstacle:
    async def obstacle() -> str | None:
        return text

    return obstacle


def _conversation(
    health: Health,
) -> Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(
            OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError
        ):
            async with asyncio.timeout(PATIENCE):
                head = await reader.readuntil(b"\r\n\r\n")
                method, _, rest = head.decode("latin-1").partition(" ")
                status, text = "405 Method Not Allowed", "Only GET."
                if method == "GET":
                    status, text = await health.answer(rest.partition(" ")[0].partition("?")[0])
                writer.write(_response(status, f"{text}\n".encode()))
                await writer.drain()
        writer.close()

    return answer


def _response(status: str, content: bytes) -> bytes:
    head = (
        f"HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\n"
        f"Content-Length: {len(content)}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n"
    )
    return head.encode() + content
