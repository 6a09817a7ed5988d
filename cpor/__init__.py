"""What a portal written in Python imports: `from cpor import ClaimsClient`.

A name is loaded when it is first used, so that importing one part does not cost the others.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cpor.client.answers import Answer as Answer, Taken as Taken
    from cpor.client.client import ClaimsClient as ClaimsClient
    from cpor.client.errors import (
        ClaimClosed as ClaimClosed,
        ClaimExists as ClaimExists,
        ClaimUnknown as ClaimUnknown,
        EngineUnreachable as EngineUnreachable,
        MessageRefused as MessageRefused,
        NoAnswer as NoAnswer,
        PortalError as PortalError,
    )
    from cpor.client.open_debts import OpenDebt as OpenDebt, Retried as Retried
    from cpor.client.search import NOBODY as NOBODY, Found as Found, Search as Search
    from cpor.contract.overview import Overview as Overview
    from cpor.plugin import ClaimsPlugin as ClaimsPlugin
    from cpor.rules.changes import Changes as Changes
    from cpor.rules.facts import (
        By as By,
        Contact as Contact,
        Customer as Customer,
        FileReference as FileReference,
        NamedProduct as NamedProduct,
        Opening as Opening,
        Partner as Partner,
    )
    from cpor.rules.lifecycle import Status as Status
    from cpor.rules.messages import (
        AddEvidence as AddEvidence,
        Approve as Approve,
        Assign as Assign,
        Bounced as Bounced,
        Comment as Comment,
        ConfirmContact as ConfirmContact,
        Decline as Decline,
        Disassociate as Disassociate,
        Dispute as Dispute,
        Edit as Edit,
        EligibilityResult as EligibilityResult,
        EndAssociation as EndAssociation,
        Extend as Extend,
        KeepAssociation as KeepAssociation,
        Message as Message,
        Reason as Reason,
        Receipt as Receipt,
        Reject as Reject,
        Request as Request,
        RequestInfo as RequestInfo,
        ReportConflict as ReportConflict,
        ResolveConflict as ResolveConflict,
        Retry as Retry,
        StartReview as StartReview,
        Submit as Submit,
        Withdraw as Withdraw,
        WithdrawEvidence as WithdrawEvidence,
    )
    from cpor.rules.news import News as News
    from cpor.rules.views import (
        ClaimView as ClaimView,
        ClockView as ClockView,
        EntryView as EntryView,
    )
    from cpor.store import Store as Store, StoreError as StoreError

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
    "cpor.rules.changes": "Changes",
    "cpor.rules.facts": "By Contact Customer FileReference NamedProduct Opening Partner",
    "cpor.rules.lifecycle": "Status",
    "cpor.rules.messages": (
        "AddEvidence Approve Assign Bounced Comment ConfirmContact Decline Disassociate Dispute "
        "Edit EligibilityResult EndAssociation Extend KeepAssociation Message Reason Receipt "
        "Reject ReportConflict Request RequestInfo ResolveConflict Retry "
        "StartReview Submit Withdraw WithdrawEvidence"
    ),
    "cpor.rules.news": "News",
    "cpor.rules.views": "ClaimView ClockView EntryView",
    "cpor.store": "Store StoreError",
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names.split()}


def __dir__() -> list[str]:
    return sorted(_MODULE_OF)


def __getattr__(name: str) -> object:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULE_OF[name]), name)
