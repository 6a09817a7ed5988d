"""Calls to Temporal. Its failures come back as errors of the client's own."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any, TypeVar, cast

from pydantic_core import PydanticSerializationError
from temporalio.api.common.v1 import WorkflowExecution as Execution
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, ResetActivityRequest
from temporalio.client import (
    Client,
    WorkflowExecution,
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
    WorkflowFailureError,
    WorkflowHandle,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import TypedSearchAttributes, WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from cpor.client import asking, ids
from cpor.client.errors import (
    ClaimClosed,
    ClaimUnknown,
    EngineUnreachable,
    MessageRefused,
    NoAnswer,
    PortalError,
)
from cpor.contract.names import WORKFLOW
from cpor.rules.errors import Problem
from cpor.rules.messages import Receipt
from cpor.store import Store

CALL_TIMEOUT = timedelta(seconds=30)
"""For a call that Temporal answers without a worker."""

FAILS_FOR_GOOD = 3
"""A workflow task in at least its third try does not fail by chance: something is broken."""

T = TypeVar("T")
Message = Mapping[str, Any]


class Transport:
    """Starts claims, sends to them and reads them. Raises a `PortalError` and nothing else."""

    def __init__(
        self, client: Client, store: Store, task_queue: str, answer_timeout: timedelta
    ) -> None:
        """`answer_timeout`: after so long without an answer, no worker is thought to be running."""
        self._client = client
        self._store = store
        self._task_queue = task_queue
        self.answer_timeout = answer_timeout

    async def start(
        self,
        claim_id: str,
        opening: Message,
        memo: Mapping[str, str],
        summary: str,
        details: str,
        attributes: TypedSearchAttributes,
    ) -> bool:
        """False: the id is taken."""
        async with self._translated(claim_id):
            try:
                await self._client.start_workflow(
                    WORKFLOW,
                    opening,
                    id=claim_id,
                    task_queue=self._task_queue,
                    id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                    id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
                    memo=memo,
                    static_summary=summary,
                    static_details=details,
                    search_attributes=attributes,
                    rpc_timeout=CALL_TIMEOUT,
                )
            except WorkflowAlreadyStartedError:
                return False
        return True

    async def update(self, claim_id: str, name: str, message: Message) -> Receipt | None:
        """None: no worker has answered in time."""
        async with self._translated(claim_id):
            try:
                return await self._handle(claim_id).execute_update(
                    name,
                    message,
                    id=uuid.uuid4().hex,
                    result_type=Receipt,
                    rpc_timeout=self.answer_timeout,
                )
            except WorkflowUpdateFailedError as error:
                raise refusal(error.cause) from None
            except WorkflowUpdateRPCTimeoutOrCancelledError as error:
                if isinstance(error.__cause__, asyncio.CancelledError):
                    raise error.__cause__ from None
                return None

    async def signal(self, claim_id: str, name: str, message: Message) -> None:
        async with self._translated(claim_id):
            await self._handle(claim_id).signal(name, message, rpc_timeout=CALL_TIMEOUT)

    async def query(self, claim_id: str, name: str, kind: type[T], *question: object) -> T:
        handle = self._handle(claim_id)
        async with self._translated(claim_id):
            try:
                return await asking.ask(handle, name, kind, question, self.answer_timeout)
            except RPCError as error:
                if asking.is_unanswered(error):
                    raise await self._no_answer(claim_id) from error
                raise

    async def result(self, claim_id: str, kind: type[T]) -> T:
        """Of a claim that is over."""
        async with self._translated(claim_id):
            try:
                return await self._handle(claim_id, kind).result(rpc_timeout=CALL_TIMEOUT)
            except WorkflowFailureError as error:
                raise _failure(claim_id, error.cause) from None

    async def describe(self, claim_id: str) -> WorkflowExecutionDescription | None:
        """None: Temporal knows no such claim, or has forgotten it."""
        async with self._translated(claim_id):
            try:
                return await self._handle(claim_id).describe(rpc_timeout=CALL_TIMEOUT)
            except RPCError as error:
                if error.status is RPCStatusCode.NOT_FOUND and not asking.lacks_namespace(error):
                    return None
                raise

    async def is_running(self, claim_id: str) -> bool:
        description = await self.describe(claim_id)
        return description is not None and _runs(description)

    async def running(self, claim_id: str) -> WorkflowExecutionDescription:
        """Raises where the claim is over or unknown."""
        description = await self.describe(claim_id)
        if description is None or not _runs(description):
            raise await self._over_or_unknown(claim_id)
        return description

    async def list_claims(
        self, query: str, most: int | None = None
    ) -> AsyncIterator[WorkflowExecution]:
        """As Temporal lists them, about a second after a change."""
        pages = self._client.list_workflows(query, limit=most, rpc_timeout=CALL_TIMEOUT)
        async with self._translated("the list of claims"):
            async for found in pages:
                yield found

    async def count(self, query: str) -> int:
        async with self._translated("the list of claims"):
            return (await self._client.count_workflows(query, rpc_timeout=CALL_TIMEOUT)).count

    async def changes(self, claim_id: str) -> AsyncIterator[None]:
        """Yields each time Temporal has new events of the claim; ends when the claim is over.

        Temporal is asked to answer only when there are some. The claim is followed from run to run:
        it continues as new by itself, or an operator resets it.
        """
        followed = None
        while (latest := await self.describe(claim_id)) and latest.run_id != followed:
            followed = latest.run_id
            run = self._client.get_workflow_handle(claim_id, run_id=followed)
            events = run.fetch_history_events(wait_new_event=True)
            has_more = True
            while has_more:
                async with self._translated(claim_id):
                    await events.fetch_next_page()
                if events.current_page:
                    yield
                has_more = events.next_page_token is not None

    async def try_now(self, claim_id: str, activity_id: str, by: str) -> bool:
        """End the pause before the next try. False: it has succeeded meanwhile.

        A raw gRPC call, because the SDK has no method for it.
        """
        reset = ResetActivityRequest(
            namespace=self._client.namespace,
            execution=Execution(workflow_id=claim_id),
            id=activity_id,
            identity=by,
        )
        async with self._translated(claim_id):
            try:
                await self._client.workflow_service.reset_activity(reset, timeout=CALL_TIMEOUT)
            except RPCError as error:
                if error.status is RPCStatusCode.NOT_FOUND:
                    return False
                raise
        return True

    def _handle(self, claim_id: str, result: type[Any] | None = None) -> WorkflowHandle[Any, Any]:
        return self._client.get_workflow_handle(ids.checked(claim_id), result_type=result)

    async def _over_or_unknown(self, claim_id: str) -> PortalError:
        if await self.describe(claim_id) or await self._store.read_record(claim_id):
            return ClaimClosed(
                f"claim_closed: {claim_id} is over; read how it ended with: show {claim_id}"
            )
        return unknown(claim_id)

    @asynccontextmanager
    async def _translated(self, claim_id: str) -> AsyncGenerator[None]:
        """What Temporal refuses, and what cannot be written as JSON, becomes a `PortalError`."""
        try:
            yield
        except RPCError as error:
            raise await self._portal_error(claim_id, error) from error
        except PydanticSerializationError as error:
            raise not_json(error) from None

    async def _no_answer(self, claim_id: str) -> NoAnswer:
        """Where a worker is there and fails, another one would not help."""
        description = await self.describe(claim_id)
        task = description and description.raw_description.pending_workflow_task
        if task and task.attempt >= FAILS_FOR_GOOD:
            return NoAnswer(
                f"A worker is there, but its workflow task for {claim_id} has failed "
                f"{task.attempt - 1} times, and is tried again. The worker's log says why; see "
                "ClaimsStuck in docs/monitoring.md"
            )
        return NoAnswer(
            f"Temporal is there, but no worker answered for {claim_id} within "
            f"{self.answer_timeout.total_seconds():g} s. Is one running? Start it with: "
            "uv run worker.py"
        )

    async def _portal_error(self, claim_id: str, error: RPCError) -> PortalError:
        if asking.lacks_namespace(error):
            return await namespace_not_found(self._client)
        if error.status is RPCStatusCode.NOT_FOUND:
            return await self._over_or_unknown(claim_id)
        return refused_by_temporal(error)


async def namespace_not_found(client: Client) -> PortalError:
    """Its database knows best: a Temporal that has just started answers before it has looked."""
    asked = DescribeNamespaceRequest(namespace=client.namespace)
    try:
        await client.workflow_service.describe_namespace(asked, timeout=CALL_TIMEOUT)
    except RPCError as error:
        if error.status in (RPCStatusCode.NOT_FOUND, RPCStatusCode.PERMISSION_DENIED):
            return _no_namespace(client.namespace)
        return refused_by_temporal(error)
    return EngineUnreachable(
        f"Temporal is still starting: it does not know its namespace {client.namespace!r} yet. "
        "Ask again in a moment."
    )


def _no_namespace(namespace: str) -> PortalError:
    return PortalError(
        f"Temporal has no namespace {namespace!r}: set TEMPORAL_NAMESPACE, or make it: "
        f"temporal operator namespace create --namespace {namespace} --retention 90d"
    )


CUT_OFF = (RPCStatusCode.UNAVAILABLE, RPCStatusCode.UNKNOWN, RPCStatusCode.INTERNAL)
"""The connection broke, or Temporal could not reach its own database: not a word on the request."""


def refused_by_temporal(error: RPCError) -> PortalError:
    if error.status in CUT_OFF:
        return EngineUnreachable(f"Temporal answers no more: {error.message}")
    if error.status in asking.TIMED_OUT:
        return EngineUnreachable(
            f"Temporal did not answer within {CALL_TIMEOUT.seconds} s. Whether it was done "
            "is unknown; it may be repeated without harm."
        )
    return PortalError(f"Temporal refused: {error.message}")


def unknown(claim_id: str) -> ClaimUnknown:
    return ClaimUnknown(f"{claim_id} is known neither to Temporal nor to the store")


def not_json(error: ValueError) -> MessageRefused:
    """Of a message with a lone surrogate, for example."""
    problem = Problem("", f"cannot be written as JSON: {error}")
    return MessageRefused("invalid", str(problem), [problem])


def refusal(cause: BaseException | None) -> MessageRefused:
    if not isinstance(cause, ApplicationError):
        return MessageRefused("invalid", str(cause))
    return MessageRefused(cause.type or "invalid", cause.message, list(_fields(cause.details)))


def _fields(details: Sequence[Any]) -> Iterator[Problem]:
    for each in details:
        if isinstance(each, dict):
            yield Problem(**cast("dict[str, str]", each))


def _runs(description: WorkflowExecutionDescription) -> bool:
    return description.status is WorkflowExecutionStatus.RUNNING


def _failure(claim_id: str, cause: BaseException | None) -> PortalError:
    """Why there is no result: the start was refused, or an operator terminated the workflow."""
    if isinstance(cause, ApplicationError):
        return refusal(cause)
    return ClaimClosed(
        f"claim_closed: {claim_id} was ended in the engine by force ({cause}); it has no result"
    )
