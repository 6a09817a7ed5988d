"""The line to Temporal: what it answers, and how it fails, comes back in a portal's own words."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from time import monotonic
from typing import Any, TypeVar, cast

from pydantic_core import PydanticSerializationError
from temporalio.api.common.v1 import WorkflowExecution as Execution
from temporalio.api.workflowservice.v1 import (
    GetWorkflowExecutionHistoryRequest,
    ResetActivityRequest,
)
from temporalio.client import (
    Client,
    WorkflowExecution,
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
    WorkflowFailureError,
    WorkflowHandle,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import TypedSearchAttributes, WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from cpor.client import ids
from cpor.client.errors import (
    ClaimClosed,
    ClaimUnknown,
    EngineUnreachable,
    MessageRefused,
    NoAnswer,
    PortalError,
)
from cpor.rules.errors import Problem
from cpor.rules.messages import Receipt
from cpor.store import Store

PATIENCE = timedelta(seconds=10)
"""How long an answer may take before no worker is thought to be there."""
ENGINES_PATIENCE = timedelta(seconds=30)
"""How long what the engine does alone may take before it is thought not to answer."""
TOOK_TOO_LONG = (RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED)

T = TypeVar("T")
Message = Mapping[str, Any]


class Wire:
    def __init__(self, client: Client, store: Store, task_queue: str) -> None:
        self._client = client
        self._store = store
        self._task_queue = task_queue

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
        async with self._plainly(claim_id):
            try:
                await self._client.start_workflow(
                    "Claim",
                    opening,
                    id=claim_id,
                    task_queue=self._task_queue,
                    id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                    id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
                    memo=memo,
                    static_summary=summary,
                    static_details=details,
                    search_attributes=attributes,
                    rpc_timeout=ENGINES_PATIENCE,
                )
            except WorkflowAlreadyStartedError:
                return False
        return True

    async def update(self, claim_id: str, name: str, message: Message) -> Receipt | None:
        """None: no worker has answered in time."""
        async with self._plainly(claim_id):
            try:
                return await self._handle(claim_id).execute_update(
                    name,
                    message,
                    id=uuid.uuid4().hex,
                    result_type=Receipt,
                    rpc_timeout=PATIENCE,
                )
            except WorkflowUpdateFailedError as error:
                raise refusal(error.cause) from None
            except WorkflowUpdateRPCTimeoutOrCancelledError as error:
                if isinstance(error.__cause__, asyncio.CancelledError):
                    raise error.__cause__ from None
                return None

    async def signal(self, claim_id: str, name: str, message: Message) -> None:
        async with self._plainly(claim_id):
            await self._handle(claim_id).signal(name, message, rpc_timeout=ENGINES_PATIENCE)

    async def ask(self, claim_id: str, query: str, kind: type[T], *question: object) -> T:
        handle, patience_ends = self._handle(claim_id), monotonic() + PATIENCE.total_seconds()
        async with self._plainly(claim_id):
            while True:
                try:
                    return await handle.query(
                        query, *question, result_type=kind, rpc_timeout=PATIENCE
                    )
                except WorkflowQueryFailedError as error:
                    raise PortalError(str(error)) from error
                except RPCError as error:
                    if _lacks_worker(error):
                        raise _no_answer(claim_id) from error
                    if not _has_just_begun(error) or monotonic() > patience_ends:
                        raise
                await asyncio.sleep(0.1)

    async def result(self, claim_id: str, kind: type[T]) -> T:
        """Of a claim that is over."""
        async with self._plainly(claim_id):
            try:
                return await self._handle(claim_id, kind).result(rpc_timeout=ENGINES_PATIENCE)
            except WorkflowFailureError as error:
                raise _end(claim_id, error.cause) from None

    async def describe(self, claim_id: str) -> WorkflowExecutionDescription | None:
        """None: the engine knows no such claim, or has forgotten it."""
        async with self._plainly(claim_id):
            try:
                return await self._handle(claim_id).describe(rpc_timeout=ENGINES_PATIENCE)
            except RPCError as error:
                if error.status is RPCStatusCode.NOT_FOUND and not _lacks_namespace(error):
                    return None
                raise

    async def is_running(self, claim_id: str) -> bool:
        description = await self.describe(claim_id)
        return description is not None and _runs(description)

    async def running(self, claim_id: str) -> WorkflowExecutionDescription:
        """Raises where the claim is over, or none."""
        description = await self.describe(claim_id)
        if description is None or not _runs(description):
            raise await self._over_or_unknown(claim_id)
        return description

    async def listed(self, query: str, most: int | None = None) -> AsyncIterator[WorkflowExecution]:
        """The engine lists claims with a little delay."""
        pages = self._client.list_workflows(query, limit=most, rpc_timeout=ENGINES_PATIENCE)
        async with self._plainly("the list of claims"):
            async for found in pages:
                yield found

    async def news(self, claim_id: str) -> AsyncIterator[None]:
        """Something has happened to it, as the engine's own history tells; ends with the claim.

        Each step waits at the engine for it, for as long as it takes. A run may end and the claim
        go on in another: by itself after long, or where an operator resets it.
        """
        followed = None
        while (latest := await self.describe(claim_id)) and latest.run_id != followed:
            page, followed = b"", latest.run_id
            while True:
                events, page = await self._events(claim_id, followed, page)
                if events:
                    yield
                if not page:
                    break

    async def _events(self, claim_id: str, run_id: str, page: bytes) -> tuple[Any, bytes]:
        asked = GetWorkflowExecutionHistoryRequest(
            namespace=self._client.namespace,
            execution=Execution(workflow_id=claim_id, run_id=run_id),
            next_page_token=page,
            wait_new_event=True,
        )
        async with self._plainly(claim_id):
            found = await self._client.workflow_service.get_workflow_execution_history(
                asked, retry=True
            )
        return found.history.events, found.next_page_token

    async def try_now(self, claim_id: str, activity_id: str, by: str) -> bool:
        """End the pause before the next try. False: it has succeeded meanwhile."""
        reset = ResetActivityRequest(
            namespace=self._client.namespace,
            execution=Execution(workflow_id=claim_id),
            id=activity_id,
            identity=by,
        )
        async with self._plainly(claim_id):
            try:
                await self._client.workflow_service.reset_activity(reset, timeout=ENGINES_PATIENCE)
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
    async def _plainly(self, claim_id: str) -> AsyncGenerator[None]:
        """Whatever the engine says, or cannot be told, becomes an error of the portal's own."""
        try:
            yield
        except RPCError as error:
            raise await self._in_words(claim_id, error) from error
        except PydanticSerializationError as error:
            raise unsayable(error) from None

    async def _in_words(self, claim_id: str, error: RPCError) -> PortalError:
        if _lacks_namespace(error):
            namespace = self._client.namespace
            return PortalError(
                f"Temporal has no namespace {namespace!r}: set TEMPORAL_NAMESPACE, or make it: "
                f"temporal operator namespace create --namespace {namespace}"
            )
        if error.status is RPCStatusCode.NOT_FOUND:
            return await self._over_or_unknown(claim_id)
        if error.status is RPCStatusCode.UNAVAILABLE:
            return EngineUnreachable(f"Temporal answers no more: {error.message}")
        if error.status in TOOK_TOO_LONG:
            return EngineUnreachable(
                f"Temporal did not answer within {ENGINES_PATIENCE.seconds} s. Whether it was done "
                "is unknown; it may be repeated without harm."
            )
        return PortalError(f"Temporal refused: {error.message}")


def unknown(claim_id: str) -> ClaimUnknown:
    return ClaimUnknown(f"{claim_id} is known neither to Temporal nor to the store")


def unsayable(error: ValueError) -> MessageRefused:
    """It would not be what was meant, or no JSON at all: half a character, for one."""
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


def _lacks_namespace(error: RPCError) -> bool:
    return error.status is RPCStatusCode.NOT_FOUND and error.message.startswith("Namespace ")


def _has_just_begun(error: RPCError) -> bool:
    """A run, the first one or a later, has no task yet in which it could answer."""
    not_yet = error.message.startswith("Workflow task is not scheduled yet")
    return error.status is RPCStatusCode.FAILED_PRECONDITION and not_yet


def _lacks_worker(error: RPCError) -> bool:
    """Of a query, which the engine keeps for a worker: but not for ever, and only a few."""
    if error.status is RPCStatusCode.FAILED_PRECONDITION:
        return error.message.startswith("no poller seen")
    return error.status in (*TOOK_TOO_LONG, RPCStatusCode.RESOURCE_EXHAUSTED)


def _no_answer(claim_id: str) -> NoAnswer:
    return NoAnswer(
        f"Temporal is there, but no worker answered for {claim_id} within "
        f"{PATIENCE.seconds} s. Is one running? Start it with: uv run worker.py"
    )


def _end(claim_id: str, cause: BaseException | None) -> PortalError:
    """Why there is no result: the opening was refused, or somebody ended the workflow by force."""
    if isinstance(cause, ApplicationError):
        return refusal(cause)
    return ClaimClosed(
        f"claim_closed: {claim_id} was ended in the engine by force ({cause}); it has no result"
    )
