"""What claims say to the associations of their tenant, and what they are told and asked by them."""

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
from cpor.rules.associations.accounts import ACCOUNT, Account, Accounts
from cpor.rules.associations.calls import Answer, AnyCall
from cpor.rules.associations.telling import (
    ALONE,
    ASSOCIATIONS,
    CALL,
    GATHER,
    TELL,
    Called,
    Gathering,
    Heard,
    Telling,
    workflow_id_of,
)
from cpor.stamps import STAMP, Stamps, call_parts

FOR_GOOD = ("invalid", "wrong_role")
"""Refusals that no other try changes."""
OPEN_CLAIMS = "WorkflowType = 'Claim' AND ExecutionStatus = 'Running' AND ClaimCustomer = '{}'"


class AssociationsActivity:
    def __init__(self, stamps: Stamps) -> None:
        self._stamps = stamps

    async def call(self, client: Client, task_queue: str, call: AnyCall) -> Answer:
        """The first call of a tenant starts its workflow, which then has to know what came before.

        Where other claims of the tenant are open there may have been associations that somebody
        terminated: the new ones ask these claims first.
        """
        workflow_id = workflow_id_of(call.tenant_id)
        said = self._stamped(workflow_id, call.name, call)
        try:
            running = client.get_workflow_handle(workflow_id)
            try:
                return await running.execute_update(call.name, said, result_type=Answer)
            except RPCError as error:
                if error.status is not RPCStatusCode.NOT_FOUND:
                    raise
            others = f"{OPEN_CLAIMS.format(call.tenant_id)} AND WorkflowId != '{call.claim_id}'"
            is_alone = (await client.count_workflows(others)).count == 0
            start = WithStartWorkflowOperation[Any, None](
                ASSOCIATIONS,
                args=[ALONE] if is_alone else [],
                id=workflow_id,
                task_queue=task_queue,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
                static_summary="who holds the items of a tenant",
            )
            return await client.execute_update_with_start_workflow(
                call.name, said, start_workflow_operation=start, result_type=Answer
            )
        except WorkflowUpdateFailedError as error:
            _refused(error)

    @activity.defn(name=CALL)
    async def call_associations(self, called: Called) -> Answer:
        task_queue = activity.info().task_queue
        with failures.failures_of_temporal():
            answer = await self.call(activity.client(), task_queue, called.call)
        if answer.outcome == "full":
            raise failures.retryable("Full", "too many claims of this tenant are open")
        return answer

    @activity.defn(name=TELL)
    async def tell_claim(self, telling: Telling) -> Heard:
        """A claim that is over, or never was, need not be told, and is said to be gone."""
        news = telling.news
        client, said = activity.client(), self._stamped(news.to, news.kind, telling)
        claim = client.get_workflow_handle(news.to)
        with failures.failures_of_temporal():
            try:
                return await claim.execute_update(news.kind, said, result_type=Heard)
            except WorkflowUpdateFailedError as error:
                raise failures.retryable("Refused", str(error.cause)) from None
            except RPCError as error:
                if error.status is not RPCStatusCode.NOT_FOUND:
                    raise
                return Heard(outcome="gone")

    @activity.defn(name=GATHER)
    async def gather_accounts(self, gathering: Gathering) -> Accounts:
        """What the tenant's open claims hold and ask for. Each is asked once, and says so."""
        client, found = activity.client(), list[Account]()
        async for each in client.list_workflows(OPEN_CLAIMS.format(gathering.tenant_id)):
            said = self._stamped(each.id, ACCOUNT, gathering)
            claim = client.get_workflow_handle(each.id)
            try:
                account = await claim.execute_update(
                    ACCOUNT,
                    said,
                    id=f"{ACCOUNT}.{gathering.beginning}",
                    result_type=Account | None,  # pyright: ignore[reportArgumentType]  None is an answer
                )
            except RPCError as error:
                if error.status is not RPCStatusCode.NOT_FOUND:
                    raise
                continue
            if account is not None:
                found.append(account)
        return Accounts(claims=found)

    def _stamped(self, workflow_id: str, name: str, said: BaseModel) -> RawValue:
        content = said.model_dump_json().encode()
        stamp = self._stamps.make(*call_parts(workflow_id, name, content))
        metadata = {"encoding": b"json/plain", STAMP: stamp}
        return RawValue(Payload(metadata=metadata, data=content))


def _refused(error: WorkflowUpdateFailedError) -> NoReturn:
    """A key that is not known yet may be known soon, and whoever ended meanwhile begins anew."""
    cause = error.cause
    code = cause.type if isinstance(cause, ApplicationError) else None
    raise ApplicationError(
        str(cause), type=code or "Refused", non_retryable=code in FOR_GOOD
    ) from None
