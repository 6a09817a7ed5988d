"""What a claim's workflow tells operators of: counts and log lines, once, not again in a replay.

Their labels are words of ours: no id, no name, nothing that people wrote. A workflow task that the
engine has done anew, after a worker died in it, may count twice.
"""

from __future__ import annotations

from collections.abc import Iterable

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from cpor.rules.deadlines import Clock
    from cpor.rules.effects import (
        Debt,
        DebtState,
        DirectoryResult,
        HandOffResult,
        NoticeResult,
        RecordResult,
        Result,
        SealResult,
    )
    from cpor.rules.errors import Refused
    from cpor.rules.messages import MESSAGES, Receipt

MOST_OF_ID = 100


def answered(name: str, receipt: Receipt) -> None:
    """A message that left a receipt."""
    told = {"message_id": receipt.id[:MOST_OF_ID]}
    if receipt.code is not None:
        _add("claims_refused", "Messages refused.", message=_known(name), code=receipt.code)
        told["code"] = receipt.code
    workflow.logger.info("%s %s", _known(name), receipt.outcome, extra=told)


def refused(name: str, refusal: Refused) -> None:
    """A message that left nothing behind."""
    _add("claims_refused", "Messages refused.", message=_known(name), code=refusal.code)
    workflow.logger.info("%s refused", _known(name), extra={"code": refusal.code})


def missed(clocks: Iterable[Clock]) -> None:
    """Those of them that have run out meanwhile."""
    for clock in clocks:
        if clock.state == "ran_out":
            _add("claims_clocks_missed", "Clocks that ran out.", clock=clock.clock)


def settled(debt: Debt, result: Result) -> None:
    """The world has answered, also where it said no."""
    match result:
        case NoticeResult() | HandOffResult():
            _count(debt, result.outcome)
        case SealResult() | DirectoryResult() | RecordResult():
            pass


def unsettled(debt: Debt, state: DebtState) -> None:
    _count(debt, state)


def _count(debt: Debt, result: str) -> None:
    match debt.kind:
        case "notice":
            _add("claims_notices", "Mails, by result.", kind=debt.notice or "", result=result)
        case "hand_off" | "recall" | "event":
            _add("claims_hand_offs", "Events sent, by result.", kind=debt.kind, result=result)
        case "seal" | "directory" | "record":
            pass


def _known(name: str) -> str:
    """Senders may call a message what they like."""
    return name if name in (*MESSAGES, "open") else "unknown"


def _add(counter: str, description: str, **labels: str) -> None:
    workflow.metric_meter().create_counter(counter, description).add(1, labels)
