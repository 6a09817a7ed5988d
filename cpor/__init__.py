"""What a portal written in Python imports: `from cpor import ClaimsClient`.

A name is loaded when it is first used, so that importing one part does not cost the others.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cpor.client.answers import Answer, Taken
    from cpor.client.client import ClaimsClient
    from cpor.client.errors import (
        ClaimClosed,
        ClaimExists,
        ClaimUnknown,
        EngineUnreachable,
        MessageRefused,
        NoAnswer,
        PortalError,
    )
    from cpor.client.open_debts import OpenDebt, Retried
    from cpor.client.search import NOBODY, Found, Search
    from cpor.contract.overview import Overview
    from cpor.plugin import ClaimsPlugin
    from cpor.rules.facts import (
        By,
        Contact,
        Customer,
        FileReference,
        NamedProduct,
        Opening,
        Partner,
    )
    from cpor.rules.lifecycle import Status
    from cpor.rules.messages import (
        AddEvidence,
        Approve,
        Assign,
        Bounced,
        Changes,
        Comment,
        Decline,
        Disassociate,
        Dispute,
        Edit,
        EligibilityResult,
        Extend,
        Message,
        Reason,
        Receipt,
        Reject,
        Request,
        RequestInfo,
        Retry,
        StartReview,
        Submit,
        Withdraw,
    )
    from cpor.rules.views import ClaimView, ClockView, EntryView
    from cpor.store import Store, StoreError

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

__all__ = [
    "NOBODY",
    "AddEvidence",
    "Answer",
    "Approve",
    "Assign",
    "Bounced",
    "By",
    "Changes",
    "ClaimClosed",
    "ClaimExists",
    "ClaimUnknown",
    "ClaimView",
    "ClaimsClient",
    "ClaimsPlugin",
    "ClockView",
    "Comment",
    "Contact",
    "Customer",
    "Decline",
    "Disassociate",
    "Dispute",
    "Edit",
    "EligibilityResult",
    "EngineUnreachable",
    "EntryView",
    "Extend",
    "FileReference",
    "Found",
    "Message",
    "MessageRefused",
    "NamedProduct",
    "NoAnswer",
    "OpenDebt",
    "Opening",
    "Overview",
    "Partner",
    "PortalError",
    "Reason",
    "Receipt",
    "Reject",
    "Request",
    "RequestInfo",
    "Retried",
    "Retry",
    "Search",
    "StartReview",
    "Status",
    "Store",
    "StoreError",
    "Submit",
    "Taken",
    "Withdraw",
]


def __getattr__(name: str) -> object:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULE_OF[name]), name)
