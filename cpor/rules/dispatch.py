"""Which function checks a message, and which does what it says."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from cpor.rules.action import Action
from cpor.rules.comment import check_comment, comment
from cpor.rules.customer import check_decline, decline
from cpor.rules.messages import (
    AddEvidence,
    Approve,
    Assign,
    Bounced,
    Comment,
    Decline,
    Disassociate,
    Dispute,
    Edit,
    EligibilityResult,
    Extend,
    Message,
    Reject,
    RequestInfo,
    Retry,
    StartReview,
    Submit,
    Withdraw,
)
from cpor.rules.operator import assign, check_assign, check_extend, extend, retry
from cpor.rules.partner import (
    add_evidence,
    check_add_evidence,
    check_dispute,
    check_edit,
    check_submit,
    disassociate,
    dispute,
    edit,
    submit,
    withdraw,
)
from cpor.rules.reviewer import (
    approve,
    check_approve,
    check_reject,
    check_request_info,
    reject,
    request_info,
    start_review,
)
from cpor.rules.state import State
from cpor.rules.system import bounced, check_bounced, eligibility_result


def check(claim: State, message: Message) -> None:
    """Raises `Refused`, and changes nothing."""
    if found := _CHECKS.get(message.name):
        found(claim, message)


def act(claim: State, message: Message, now: datetime) -> Action:
    """Change the claim's data; status, clocks and notices follow from the lifecycle table."""
    return _ACTIONS[message.name](claim, message, now)


_CHECKS: Mapping[str, Callable[[State, Any], None]] = {
    Edit.name: check_edit,
    AddEvidence.name: check_add_evidence,
    Submit.name: check_submit,
    Comment.name: check_comment,
    Dispute.name: check_dispute,
    Decline.name: check_decline,
    RequestInfo.name: check_request_info,
    Approve.name: check_approve,
    Reject.name: check_reject,
    Assign.name: check_assign,
    Extend.name: check_extend,
    Bounced.name: check_bounced,
}
_ACTIONS: Mapping[str, Callable[[State, Any, datetime], Action]] = {
    Edit.name: edit,
    AddEvidence.name: add_evidence,
    Submit.name: submit,
    Withdraw.name: withdraw,
    Comment.name: comment,
    Dispute.name: dispute,
    Disassociate.name: disassociate,
    Decline.name: decline,
    StartReview.name: start_review,
    RequestInfo.name: request_info,
    Approve.name: approve,
    Reject.name: reject,
    Assign.name: assign,
    Extend.name: extend,
    Retry.name: retry,
    Bounced.name: bounced,
    EligibilityResult.name: eligibility_result,
}
