"""What a claim's workflow tells operators of: counts and log lines, once, not again in a replay.

Their labels are words of ours: no id, no name, nothing that people wrote. A workflow task that the
engine has done anew, after a worker died in it, may count twice.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Literal

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from cpor.rules.deadlines import Clock
    from cpor.rules.debt import Debt
    from cpor.rules.errors import Refused
    from cpor.rules.messages import MESSAGES, Receipt

MOST_OF_ID = 100
DESCRIPTIONS = {
    "claims_notices": "Mails, by result.",
    "claims_hand_offs": "Events sent, by result.",
}


def answered(name: str, receipt: Receipt) -> None:
    """A message that left a receipt; one that came again and got the first one is no news."""
    if receipt.at != workflow.now():
        return
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


def paid(debt: Debt[Any], result: Any) -> None:
    """The world has answered, also where it said no."""
    if debt.counter:
        _count(debt.counter, debt, result.outcome)


def unpaid(debt: Debt[Any], state: Literal["late", "parked"]) -> None:
    if debt.counter:
        _count(debt.counter, debt, state)


def _count(counter: str, debt: Debt[Any], result: str) -> None:
    _add(counter, DESCRIPTIONS[counter], kind=debt.counted_as, result=result)


def _known(name: str) -> str:
    """Senders may call a message what they like."""
    return name if name in (*MESSAGES, "open") else "unknown"


def _add(counter: str, description: str, **labels: str) -> None:
    workflow.metric_meter().create_counter(counter, description).add(1, labels)
