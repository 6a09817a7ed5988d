"""What a portal written in Python imports.

Names are loaded when they are first used, so that no part of the library pays for another.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cpor.client.client import ClaimsClient
    from cpor.client.connection import Where, connect, where
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
    from cpor.client.speaking import Answer, Taken
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

_HOME = {
    "ClaimsClient": "cpor.client.client",
    "Where": "cpor.client.connection",
    "connect": "cpor.client.connection",
    "where": "cpor.client.connection",
    "ClaimClosed": "cpor.client.errors",
    "ClaimExists": "cpor.client.errors",
    "ClaimUnknown": "cpor.client.errors",
    "EngineUnreachable": "cpor.client.errors",
    "MessageRefused": "cpor.client.errors",
    "NoAnswer": "cpor.client.errors",
    "PortalError": "cpor.client.errors",
    "OpenDebt": "cpor.client.open_debts",
    "Retried": "cpor.client.open_debts",
    "NOBODY": "cpor.client.search",
    "Found": "cpor.client.search",
    "Search": "cpor.client.search",
    "Answer": "cpor.client.speaking",
    "Taken": "cpor.client.speaking",
    "By": "cpor.rules.facts",
    "Contact": "cpor.rules.facts",
    "Customer": "cpor.rules.facts",
    "FileReference": "cpor.rules.facts",
    "NamedProduct": "cpor.rules.facts",
    "Opening": "cpor.rules.facts",
    "Partner": "cpor.rules.facts",
    "Status": "cpor.rules.lifecycle",
    "AddEvidence": "cpor.rules.messages",
    "Approve": "cpor.rules.messages",
    "Assign": "cpor.rules.messages",
    "Bounced": "cpor.rules.messages",
    "Changes": "cpor.rules.messages",
    "Comment": "cpor.rules.messages",
    "Decline": "cpor.rules.messages",
    "Disassociate": "cpor.rules.messages",
    "Dispute": "cpor.rules.messages",
    "Edit": "cpor.rules.messages",
    "EligibilityResult": "cpor.rules.messages",
    "Extend": "cpor.rules.messages",
    "Reason": "cpor.rules.messages",
    "Receipt": "cpor.rules.messages",
    "Reject": "cpor.rules.messages",
    "Request": "cpor.rules.messages",
    "RequestInfo": "cpor.rules.messages",
    "Retry": "cpor.rules.messages",
    "StartReview": "cpor.rules.messages",
    "Submit": "cpor.rules.messages",
    "Withdraw": "cpor.rules.messages",
    "ClaimView": "cpor.rules.views",
    "ClockView": "cpor.rules.views",
    "EntryView": "cpor.rules.views",
}

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
    "MessageRefused",
    "NamedProduct",
    "NoAnswer",
    "OpenDebt",
    "Opening",
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
    "Submit",
    "Taken",
    "Where",
    "Withdraw",
    "connect",
    "where",
]


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)
