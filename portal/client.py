"""A client for claims: it starts them, speaks to them and reads what is known of them."""

from __future__ import annotations

import asyncio
import hashlib
import uuid
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any, Self, TypeVar

import rfc8785
from pydantic import TypeAdapter, ValidationError
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import ResetActivityRequest
from temporalio.client import (
    Client,
    WorkflowExecutionDescription,
    WorkflowExecutionStatus,
    WorkflowFailureError,
    WorkflowHandle,
    WorkflowQueryFailedError,
    WorkflowUpdateFailedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError, WorkflowAlreadyStartedError
from temporalio.service import RPCError, RPCStatusCode

from claims import page
from claims.claim import Claim
from claims.errors import Invalid, Problem
from claims.facts import ClaimId, problems
from claims.messages import Receipt
from claims.views import ClaimView, ClockView, EntryView
from portal import debts, records
from portal.connection import connect, where
from portal.debts import OpenDebt, Retried
from portal.errors import (
    ClaimClosed,
    ClaimExists,
    ClaimUnknown,
    EngineUnreachable,
    MessageRefused,
    NoAnswer,
    PortalError,
)
from settings import Settings
from store import Store
from workflows import attributes

TASK_QUEUE = "claims"
PATIENCE = timedelta(seconds=10)
"""How long an answer may take before no worker is thought to be there."""

T = TypeVar("T")
_CLAIM_ID: TypeAdapter[str] = TypeAdapter(ClaimId)
_CLOCKS: TypeAdapter[list[ClockView]] = TypeAdapter(list[ClockView])


class ClaimsClient:
    def __init__(self, client: Client, store: Store, task_queue: str = TASK_QUEUE) -> None:
        self._client = client
        self.store = store
        self._task_queue = task_queue

    @classmethod
    @asynccontextmanager
    async def connect(cls) -> AsyncGenerator[Self]:
        """A client of the Temporal and the store that the settings name."""
        settings = Settings.load()
        yield cls(await connect(where()), Store.open(settings.store_url))

    async def open(self, opening: Mapping[str, Any]) -> str:
        """Start a claim and return its id. The same opening again finds the claim that is there.

        What the rules would refuse is refused here, before anything is sent.
        """
        claim = Claim.open(opening, datetime.now(UTC))
        digest = hashlib.sha256(rfc8785.dumps(dict(opening))).hexdigest()
        if await self.store.read_record(claim.claim_id) is not None:
            await self._same_or_taken(claim.claim_id, digest)
            return claim.claim_id
        try:
            await self._client.start_workflow(
                "Claim",
                opening,
                id=claim.claim_id,
                task_queue=self._task_queue,
                id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
                id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
                memo={"opening": digest},
                static_summary=page.summary(claim),
                search_attributes=attributes.of(claim),
            )
        except WorkflowAlreadyStartedError:
            await self._same_or_taken(claim.claim_id, digest)
        except RPCError as error:
            raise await self._in_words(claim.claim_id, error) from error
        return claim.claim_id

    async def _same_or_taken(self, claim_id: str, digest: str) -> None:
        description = await self._describe(claim_id)
        if description is None or await description.memo_value("opening", None) != digest:
            raise ClaimExists(
                f"{claim_id} is taken by another claim, and an id is used once: choose a new one"
            )

    async def send(self, claim_id: str, name: str, message: Mapping[str, Any]) -> Receipt | None:
        """Say something and be answered. None: taken, but no worker has answered yet.

        The message gets an id if it has none, so that it may be sent again without harm.
        """
        message = with_id(message)
        try:
            return await self._handle(claim_id).execute_update(
                name,
                message,
                id=uuid.uuid4().hex,
                result_type=Receipt,
                rpc_timeout=PATIENCE,
            )
        except WorkflowUpdateFailedError as error:
            raise _refusal(error.cause) from None
        except WorkflowUpdateRPCTimeoutOrCancelledError as error:
            if isinstance(error.__cause__, asyncio.CancelledError):
                raise error.__cause__ from None
            await self.signal(claim_id, name, message)
            return None
        except RPCError as error:
            raise await self._in_words(claim_id, error) from error

    async def signal(self, claim_id: str, name: str, message: Mapping[str, Any]) -> None:
        """Say something without waiting for the answer."""
        try:
            await self._handle(claim_id).signal(name, message)
        except RPCError as error:
            raise await self._in_words(claim_id, error) from error

    async def claim(self, claim_id: str) -> ClaimView:
        """Everything known of it: from the running claim, its result, or its record."""
        description = await self._describe(claim_id)
        if description is None:
            record = await self.store.read_record(claim_id)
            if record is None:
                raise ClaimUnknown(f"{claim_id} is known neither to Temporal nor to the store")
            return ClaimView.model_validate(record)
        if description.status is WorkflowExecutionStatus.RUNNING:
            return await self._ask(claim_id, "claim", ClaimView)
        try:
            return await self._handle(claim_id, ClaimView).result()
        except WorkflowFailureError as error:
            raise _end(claim_id, error.cause) from None

    async def tries(self, claim_id: str) -> Mapping[str, str]:
        """Of each debt that is being tried: how often, and what went wrong last."""
        description = await self._describe(claim_id)
        if description is None:
            return {}
        return {
            each.activity_id: f"try {each.attempt}, {each.last_failure.message}"
            for each in description.raw_description.pending_activities
            if each.HasField("last_failure")
        }

    async def owed(self) -> list[OpenDebt]:
        """Every late or parked debt of all claims, oldest first.

        The engine lists claims with a little delay: what has just become late may be missing.
        """
        try:
            listed = [each.id async for each in self._client.list_workflows(debts.SEARCH)]
        except RPCError as error:
            raise await self._in_words("the list of claims", error) from error
        return await debts.of_all(listed, self._owed_by)

    async def _owed_by(self, claim_id: str) -> list[OpenDebt]:
        description = await self._running(claim_id)
        known = await self._ask(claim_id, "claim", ClaimView)
        return list(debts.of_claim(known, description))

    async def retry(self, claim_id: str, by: str) -> Retried:
        """What is parked is owed again, what is late is tried at once; an operator wants it."""
        description = await self._running(claim_id)
        known = await self._ask(claim_id, "claim", ClaimView)
        answer: str | None = None
        if debts.waits_for_retry(known):
            receipt = await self.send(claim_id, "retry", {"by": {"role": "operator", "id": by}})
            answer = receipt.text if receipt else "Told, but not answered yet."
        tried = [
            debt.what
            for debt in debts.of_claim(known, description)
            if debt.id
            and debt.what
            and debt.next_try
            and await self._try_now(claim_id, debt.id, by)
        ]
        return Retried(claim_id, answer, tuple(tried))

    async def _try_now(self, claim_id: str, activity_id: str, by: str) -> bool:
        """End the pause before the next try. False: it has succeeded meanwhile."""
        reset = ResetActivityRequest(
            namespace=self._client.namespace,
            execution=WorkflowExecution(workflow_id=claim_id),
            id=activity_id,
            identity=by,
        )
        try:
            await self._client.workflow_service.reset_activity(reset)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return False
            raise await self._in_words(claim_id, error) from error
        return True

    async def is_there(self, claim_id: str) -> bool:
        """Whether the engine knows it, running or ended."""
        return await self._describe(claim_id) is not None

    async def history(self, claim_id: str, side: str = "reviewer") -> list[EntryView]:
        """What one side may see: from the running claim, or its record."""
        description = await self._describe(claim_id)
        if description is None or description.status is not WorkflowExecutionStatus.RUNNING:
            return records.history(await records.read(self.store, claim_id), side)
        return await self._ask(claim_id, "history", list[EntryView], {"side": side, "limit": 1000})

    async def deadlines(self, claim_id: str) -> list[ClockView]:
        """Every clock with the sum that led to its end: from the running claim, or its record."""
        description = await self._describe(claim_id)
        if description is not None and description.status is WorkflowExecutionStatus.RUNNING:
            return await self._ask(claim_id, "deadlines", list[ClockView])
        await self.claim(claim_id)  # what is unknown, or has no result, says so
        record = await self.store.read_record(claim_id) or {}
        return _CLOCKS.validate_python(record.get("deadlines", []))

    async def _ask(self, claim_id: str, query: str, kind: type[T], *question: object) -> T:
        handle, patience_ends = self._handle(claim_id), monotonic() + PATIENCE.total_seconds()
        while True:
            try:
                return await handle.query(query, *question, result_type=kind, rpc_timeout=PATIENCE)
            except WorkflowQueryFailedError as error:
                raise PortalError(str(error)) from error
            except RPCError as error:
                if not _has_just_begun(error) or monotonic() > patience_ends:
                    raise await self._in_words(claim_id, error) from error
            await asyncio.sleep(0.1)

    def _handle(self, claim_id: str, result: type[Any] | None = None) -> WorkflowHandle[Any, Any]:
        try:
            _CLAIM_ID.validate_python(claim_id)
        except ValidationError as error:
            raise Invalid([Problem(repr(claim_id), problems(error)[0].text)]) from None
        return self._client.get_workflow_handle(claim_id, result_type=result)

    async def _describe(self, claim_id: str) -> WorkflowExecutionDescription | None:
        try:
            return await self._handle(claim_id).describe()
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND and not _lacks_namespace(error):
                return None
            raise await self._in_words(claim_id, error) from error

    async def _running(self, claim_id: str) -> WorkflowExecutionDescription:
        description = await self._describe(claim_id)
        if description is None or description.status is not WorkflowExecutionStatus.RUNNING:
            raise await self._over_or_unknown(claim_id)
        return description

    async def _over_or_unknown(self, claim_id: str) -> PortalError:
        if await self._describe(claim_id) or await self.store.read_record(claim_id):
            return ClaimClosed(
                f"claim_closed: {claim_id} is over; read how it ended with: show {claim_id}"
            )
        return ClaimUnknown(f"{claim_id} is known neither to Temporal nor to the store")

    async def _in_words(self, claim_id: str, error: RPCError) -> PortalError:
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


def with_id(message: Mapping[str, Any]) -> dict[str, Any]:
    """The message under an id, so that it may be sent again without harm."""
    return {**message, "id": message.get("id") or uuid.uuid4().hex}


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
        return _refusal(cause)
    return ClaimClosed(
        f"claim_closed: {claim_id} was ended in the engine by force ({cause}); it has no result"
    )


def _refusal(cause: BaseException | None) -> MessageRefused:
    if isinstance(cause, ApplicationError):
        return MessageRefused(cause.type or "invalid", cause.message)
    return MessageRefused("invalid", str(cause))
