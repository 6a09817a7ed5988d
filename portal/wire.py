"""The line to Temporal: what it answers, and how it fails, comes back in a portal's own words."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from datetime import timedelta
from time import monotonic
from typing import Any, TypeVar, cast

from temporalio.api.common.v1 import WorkflowExecution as Execution
from temporalio.api.enums.v1 import EventType
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

from claims.errors import Problem
from claims.messages import Receipt
from portal import ids
from portal.errors import (
    ClaimClosed,
    ClaimUnknown,
    EngineUnreachable,
    MessageRefused,
    NoAnswer,
    PortalError,
)
from store import Store

PATIENCE = timedelta(seconds=10)
"""How long an answer may take before no worker is thought to be there."""

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
            )
        except WorkflowAlreadyStartedError:
            return False
        except RPCError as error:
            raise await self.in_words(claim_id, error) from error
        return True

    async def update(self, claim_id: str, name: str, message: Message) -> Receipt | None:
        """None: no worker has answered in time."""
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
        except RPCError as error:
            raise await self.in_words(claim_id, error) from error

    async def signal(self, claim_id: str, name: str, message: Message) -> None:
        try:
            await self._handle(claim_id).signal(name, message)
        except RPCError as error:
            raise await self.in_words(claim_id, error) from error

    async def ask(self, claim_id: str, query: str, kind: type[T], *question: object) -> T:
        handle, patience_ends = self._handle(claim_id), monotonic() + PATIENCE.total_seconds()
        while True:
            try:
                return await handle.query(query, *question, result_type=kind, rpc_timeout=PATIENCE)
            except WorkflowQueryFailedError as error:
                raise PortalError(str(error)) from error
            except RPCError as error:
                if not _has_just_begun(error) or monotonic() > patience_ends:
                    raise await self.in_words(claim_id, error) from error
            await asyncio.sleep(0.1)

    async def result(self, claim_id: str, kind: type[T]) -> T:
        """Of a claim that is over."""
        try:
            return await self._handle(claim_id, kind).result()
        except WorkflowFailureError as error:
            raise _end(claim_id, error.cause) from None

    async def describe(self, claim_id: str) -> WorkflowExecutionDescription | None:
        """None: the engine knows no such claim, or has forgotten it."""
        try:
            return await self._handle(claim_id).describe()
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND and not _lacks_namespace(error):
                return None
            raise await self.in_words(claim_id, error) from error

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
        try:
            async for found in self._client.list_workflows(query, limit=most):
                yield found
        except RPCError as error:
            raise await self.in_words("the list of claims", error) from error

    async def news(self, claim_id: str) -> AsyncIterator[None]:
        """Something has happened to it, as the engine's own history tells; ends with the claim.

        Each step waits at the engine for it, for as long as it takes.
        """
        description = await self.describe(claim_id)
        run_id = description.run_id if description else None
        while run_id:
            page, next_run = b"", None
            while True:
                events, page = await self._events(claim_id, run_id, page)
                if events:
                    last = events[-1]
                    if last.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_CONTINUED_AS_NEW:
                        next_run = last.workflow_execution_continued_as_new_event_attributes
                    yield
                if not page:
                    break
            run_id = next_run.new_execution_run_id if next_run else None

    async def _events(self, claim_id: str, run_id: str, page: bytes) -> tuple[Any, bytes]:
        asked = GetWorkflowExecutionHistoryRequest(
            namespace=self._client.namespace,
            execution=Execution(workflow_id=claim_id, run_id=run_id),
            next_page_token=page,
            wait_new_event=True,
        )
        try:
            found = await self._client.workflow_service.get_workflow_execution_history(
                asked, retry=True
            )
        except RPCError as error:
            raise await self.in_words(claim_id, error) from error
        return found.history.events, found.next_page_token

    async def try_now(self, claim_id: str, activity_id: str, by: str) -> bool:
        """End the pause before the next try. False: it has succeeded meanwhile."""
        reset = ResetActivityRequest(
            namespace=self._client.namespace,
            execution=Execution(workflow_id=claim_id),
            id=activity_id,
            identity=by,
        )
        try:
            await self._client.workflow_service.reset_activity(reset)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return False
            raise await self.in_words(claim_id, error) from error
        return True

    def _handle(self, claim_id: str, result: type[Any] | None = None) -> WorkflowHandle[Any, Any]:
        return self._client.get_workflow_handle(ids.checked(claim_id), result_type=result)

    async def _over_or_unknown(self, claim_id: str) -> PortalError:
        if await self.describe(claim_id) or await self._store.read_record(claim_id):
            return ClaimClosed(
                f"claim_closed: {claim_id} is over; read how it ended with: show {claim_id}"
            )
        return unknown(claim_id)

    async def in_words(self, claim_id: str, error: RPCError) -> PortalError:
        if _lacks_namespace(error):
            namespace = self._client.namespace
            return PortalError(
                f"Temporal has no namespace {namespace!r}: set TEMPORAL_NAMESPACE, or make it: "
                f"temporal operator namespace create --namespace {namespace}"
            )
        if error.status is RPCStatusCode.NOT_FOUND:
            return await self._over_or_unknown(claim_id)
        if _lacks_worker(error):
            return NoAnswer(
                f"Temporal is there, but no worker answered for {claim_id} within "
                f"{PATIENCE.seconds} s. Is one running? Start it with: uv run worker.py"
            )
        if error.status is RPCStatusCode.UNAVAILABLE:
            return EngineUnreachable(f"Temporal answers no more: {error.message}")
        return PortalError(f"Temporal refused: {error.message}")


def unknown(claim_id: str) -> ClaimUnknown:
    return ClaimUnknown(f"{claim_id} is known neither to Temporal nor to the store")


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
    """The engine gives up on a query a little before we do when the last worker has left."""
    if error.status is RPCStatusCode.FAILED_PRECONDITION:
        return error.message.startswith("no poller seen")
    return error.status in (RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED)


def _end(claim_id: str, cause: BaseException | None) -> PortalError:
    """Why there is no result: the opening was refused, or somebody ended the workflow by force."""
    if isinstance(cause, ApplicationError):
        return refusal(cause)
    return ClaimClosed(
        f"claim_closed: {claim_id} was ended in the engine by force ({cause}); it has no result"
    )
