"""What a portal written in Python imports: `from cpor import ClaimsClient`.

A name is loaded when it is first used, so that importing one part does not cost the others.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cpor.client.answers import Answer as Answer
    from cpor.client.answers import Taken as Taken
    from cpor.client.client import ClaimsClient as ClaimsClient
    from cpor.client.errors import ClaimClosed as ClaimClosed
    from cpor.client.errors import ClaimExists as ClaimExists
    from cpor.client.errors import ClaimUnknown as ClaimUnknown
    from cpor.client.errors import EngineUnreachable as EngineUnreachable
    from cpor.client.errors import MessageRefused as MessageRefused
    from cpor.client.errors import NoAnswer as NoAnswer
    from cpor.client.errors import PortalError as PortalError
    from cpor.client.open_debts import OpenDebt as OpenDebt
    from cpor.client.open_debts import Retried as Retried
    from cpor.client.search import NOBODY as NOBODY
    from cpor.client.search import Found as Found
    from cpor.client.search import Search as Search
    from cpor.contract.overview import Overview as Overview
    from cpor.plugin import ClaimsPlugin as ClaimsPlugin
    from cpor.rules.facts import By as By
    from cpor.rules.facts import Contact as Contact
    from cpor.rules.facts import Customer as Customer
    from cpor.rules.facts import FileReference as FileReference
    from cpor.rules.facts import NamedProduct as NamedProduct
    from cpor.rules.facts import Opening as Opening
    from cpor.rules.facts import Partner as Partner
    from cpor.rules.lifecycle import Status as Status
    from cpor.rules.messages import AddEvidence as AddEvidence
    from cpor.rules.messages import Approve as Approve
    from cpor.rules.messages import Assign as Assign
    from cpor.rules.messages import Bounced as Bounced
    from cpor.rules.messages import Changes as Changes
    from cpor.rules.messages import Comment as Comment
    from cpor.rules.messages import Decline as Decline
    from cpor.rules.messages import Disassociate as Disassociate
    from cpor.rules.messages import Dispute as Dispute
    from cpor.rules.messages import Edit as Edit
    from cpor.rules.messages import EligibilityResult as EligibilityResult
    from cpor.rules.messages import Extend as Extend
    from cpor.rules.messages import Message as Message
    from cpor.rules.messages import Reason as Reason
    from cpor.rules.messages import Receipt as Receipt
    from cpor.rules.messages import Reject as Reject
    from cpor.rules.messages import Request as Request
    from cpor.rules.messages import RequestInfo as RequestInfo
    from cpor.rules.messages import Retry as Retry
    from cpor.rules.messages import StartReview as StartReview
    from cpor.rules.messages import Submit as Submit
    from cpor.rules.messages import Withdraw as Withdraw
    from cpor.rules.views import ClaimView as ClaimView
    from cpor.rules.views import ClockView as ClockView
    from cpor.rules.views import EntryView as EntryView
    from cpor.store import Store as Store
    from cpor.store import StoreError as StoreError

_MODULES = {
    "cpor.client.answers": "Answer Taken",
    "cpor.client.client": "ClaimsClient",
    "cpor.client.errors": (
        "ClaimClosed ClaimExists ClaimUnknown EngineUnreachable MessageRefused NoAnswer PortalError"
    ),
    "cpor.client.open_debts": "OpenDebt Retried",
    "cpor.client.search": "NOBODY Found Search",
    "cpor.contract.overview": "Overview",
    "cpor.plugin": "ClaimsPlugin",
    "cpor.rules.facts": "By Contact Customer FileReference NamedProduct Opening Partner",
    "cpor.rules.lifecycle": "Status",
    "cpor.rules.messages": (
        "AddEvidence Approve Assign Bounced Changes Comment Decline Disassociate Dispute Edit "
        "EligibilityResult Extend Message Reason Receipt Reject Request RequestInfo Retry "
        "StartReview Submit Withdraw"
    ),
    "cpor.rules.views": "ClaimView ClockView EntryView",
    "cpor.store": "Store StoreError",
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names.split()}

__all__ = sorted(_MODULE_OF)  # pyright: ignore[reportUnsupportedDunderAll]


def __getattr__(name: str) -> object:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULE_OF[name]), name)
