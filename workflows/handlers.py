"""Every message as a signal and as an update, by the same name and through the same rules.

A handler takes whatever payloads come: none, many, unreadable. It waits for nothing but the verdict
on a signature: the claim answers at once, and the loop notices that something changed.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from typing import Any, get_args

from temporalio import workflow
from temporalio.common import RawValue
from temporalio.exceptions import ApplicationError

with workflow.unsafe.imports_passed_through():
    from pydantic import BaseModel, ValidationError

    from cpor.contract.forms import form_of
    from cpor.rules import messages
    from cpor.rules.associations.accounts import ACCOUNT
    from cpor.rules.associations.state import Told
    from cpor.rules.associations.telling import Gathering, Telling
    from cpor.rules.errors import MOST_NAMED, Refused, shortened
    from cpor.rules.messages import Message, Receipt

from workflows import metrics, stamping

BY_WORKERS: Mapping[str, type[Telling | Gathering]] = {
    **dict.fromkeys(get_args(Told), Telling),
    ACCOUNT: Gathering,
}
"""Updates that are for workers only. As signals they are refused, as all unknown names."""


def refusal(refused: Refused) -> ApplicationError:
    """Its details say what is wrong, field by field, so that clients can show it at the field."""
    found = refused.problems[:MOST_NAMED]
    details = [{"field": shortened(each.field), "text": each.text} for each in found]
    return ApplicationError(refused.text, *details, type=refused.code, non_retryable=True)


def _handlers(message: type[Message]) -> tuple[Any, Any]:
    """A signal and an update, with the description that the UI shows where one is chosen."""
    name, description = message.name, f"{message.__doc__} {form_of(message.name)}"

    @workflow.signal(name=name, description=description)
    async def signal(self: Any, *payloads: Any) -> None:
        await _heard(self, name, payloads)

    @workflow.update(name=name, description=description)
    async def update(self: Any, *payloads: Any) -> Receipt:
        return await _taken(self, name, payloads)

    @update.validator
    def _validate(self: Any, *payloads: Any) -> None:
        _checked(self, name, payloads)

    return signal, update


class MessageHandlers(ABC):
    """Base of a workflow that is sent messages, and told of names that are none."""

    @abstractmethod
    async def hear(self, name: str, payloads: Sequence[object]) -> Receipt:
        """A signal: nobody waits for the answer."""

    @abstractmethod
    async def take(self, name: str, payloads: Sequence[object]) -> Receipt:
        """An update: raises `Refused`."""

    @abstractmethod
    def told(self, said: Telling | Gathering) -> BaseModel | None:
        """By a worker, for the associations of its tenant."""

    @abstractmethod
    def check(self, name: str, payloads: Sequence[object]) -> None:
        """Raises what `take` would, and changes nothing."""

    signal_edit, update_edit = _handlers(messages.Edit)
    signal_add_evidence, update_add_evidence = _handlers(messages.AddEvidence)
    signal_withdraw_evidence, update_withdraw_evidence = _handlers(messages.WithdrawEvidence)
    signal_comment, update_comment = _handlers(messages.Comment)
    signal_submit, update_submit = _handlers(messages.Submit)
    signal_start_review, update_start_review = _handlers(messages.StartReview)
    signal_request_info, update_request_info = _handlers(messages.RequestInfo)
    signal_approve, update_approve = _handlers(messages.Approve)
    signal_reject, update_reject = _handlers(messages.Reject)
    signal_confirm_contact, update_confirm_contact = _handlers(messages.ConfirmContact)
    signal_end_association, update_end_association = _handlers(messages.EndAssociation)
    signal_keep_association, update_keep_association = _handlers(messages.KeepAssociation)
    signal_withdraw, update_withdraw = _handlers(messages.Withdraw)
    signal_decline, update_decline = _handlers(messages.Decline)
    signal_dispute, update_dispute = _handlers(messages.Dispute)
    signal_disassociate, update_disassociate = _handlers(messages.Disassociate)
    signal_assign, update_assign = _handlers(messages.Assign)
    signal_extend, update_extend = _handlers(messages.Extend)
    signal_retry, update_retry = _handlers(messages.Retry)
    signal_report_conflict, update_report_conflict = _handlers(messages.ReportConflict)
    signal_resolve_conflict, update_resolve_conflict = _handlers(messages.ResolveConflict)
    signal_bounced, update_bounced = _handlers(messages.Bounced)
    signal_eligibility_result, update_eligibility_result = _handlers(messages.EligibilityResult)

    @workflow.signal(dynamic=True, description="Any other name is refused, and the page says so.")
    async def _unknown_signal(self, name: str, payloads: Sequence[RawValue]) -> None:
        await _heard(self, name, payloads)

    @workflow.update(dynamic=True, description="Any other name is refused.")
    async def _unknown_update(self, name: str, payloads: Sequence[RawValue]) -> BaseModel | None:
        if name in BY_WORKERS:
            return self.told(_by_worker(name, payloads))
        return await _taken(self, name, payloads)

    @_unknown_update.validator
    def _validate_unknown(self, name: str, payloads: Sequence[RawValue]) -> None:
        if name in BY_WORKERS:
            _check_told(name, payloads)
        else:
            _checked(self, name, payloads)


def _check_told(name: str, payloads: Sequence[RawValue]) -> None:
    """The stamp of a worker is all that tells it from what people say."""
    try:
        if len(payloads) != 1:
            raise Refused("wrong_role", f"{name} is said by the associations of the tenant only")
        stamping.check_stamps(name, payloads)
        _by_worker(name, payloads)
    except Refused as refused:
        raise refusal(refused) from None


def _by_worker(name: str, payloads: Sequence[RawValue]) -> Telling | Gathering:
    try:
        return BY_WORKERS[name].model_validate_json(payloads[0].payload.data)
    except ValidationError:
        raise Refused("not_yet", "a worker of another release has said this") from None


async def _heard(self: MessageHandlers, name: str, payloads: Sequence[object]) -> None:
    metrics.answered(name, await self.hear(name, payloads))


async def _taken(self: MessageHandlers, name: str, payloads: Sequence[object]) -> Receipt:
    try:
        receipt = await self.take(name, payloads)
    except Refused as refused:
        metrics.refused(name, refused)
        raise refusal(refused) from None
    metrics.answered(name, receipt)
    return receipt


def _checked(self: MessageHandlers, name: str, payloads: Sequence[object]) -> None:
    try:
        self.check(name, payloads)
    except Refused as refused:
        metrics.refused(name, refused)
        raise refusal(refused) from None
