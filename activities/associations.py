"""What claims say to the associations of their tenant, and what they are told by them."""

from __future__ import annotations

from typing import Any, NoReturn

from pydantic import BaseModel
from temporalio import activity
from temporalio.api.common.v1 import Payload
from temporalio.client import (
    Client,
    WithStartWorkflowOperation,
    WorkflowUpdateFailedError,
)
from temporalio.common import RawValue, WorkflowIDConflictPolicy
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from activities import failures
from cpor.rules.associations.calls import Answer, AnyCall
from cpor.rules.associations.telling import (
    ASSOCIATIONS,
    CALL,
    TELL,
    Called,
    Telling,
    workflow_id_of,
)
from cpor.stamps import STAMP, Stamps, call_parts


class AssociationsActivity:
    def __init__(self, stamps: Stamps) -> None:
        self._stamps = stamps

    async def call(self, client: Client, task_queue: str, call: AnyCall) -> Answer:
        """The first call of a tenant starts its workflow."""
        workflow_id = workflow_id_of(call.tenant_id)
        start = WithStartWorkflowOperation[Any, None](
            ASSOCIATIONS,
            id=workflow_id,
            task_queue=task_queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            static_summary="who holds the items of a tenant",
        )
        try:
            return await client.execute_update_with_start_workflow(
                call.name,
                self._stamped(workflow_id, call.name, call),
                start_workflow_operation=start,
                result_type=Answer,
            )
        except WorkflowUpdateFailedError as error:
            _refused(error)

    @activity.defn(name=CALL)
    async def call_associations(self, called: Called) -> Answer:
        task_queue = activity.info().task_queue
        answer = await self.call(activity.client(), task_queue, called.call)
        if answer.outcome == "full":
            raise failures.retryable("Full", "too many claims of this tenant are open")
        return answer

    @activity.defn(name=TELL)
    async def tell_claim(self, telling: Telling) -> None:
        """Where the claim has ended or never existed, nobody is told, and that is no error."""
        news = telling.news
        claim = activity.client().get_workflow_handle(news.to)
        try:
            await claim.execute_update(news.kind, self._stamped(news.to, news.kind, telling))
        except WorkflowUpdateFailedError as error:
            _refused(error)
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise

    def _stamped(self, workflow_id: str, name: str, said: BaseModel) -> RawValue:
        content = said.model_dump_json().encode()
        stamp = self._stamps.make(*call_parts(workflow_id, name, content))
        metadata = {"encoding": b"json/plain", STAMP: stamp}
        return RawValue(Payload(metadata=metadata, data=content))


def _refused(error: WorkflowUpdateFailedError) -> NoReturn:
    """A key that is not known yet may be known soon."""
    cause = error.cause
    code = cause.type if isinstance(cause, ApplicationError) else None
    raise ApplicationError(
        str(cause), type=code or "Refused", non_retryable=code != "not_yet"
    ) from None
