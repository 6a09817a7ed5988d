"""A claim that ended, or is a draft again, leaves its items to others."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from cpor.rules.associations.calls import Answer, Ended, Release
from cpor.rules.bookkeeping import cross_off, next_id, owe
from cpor.rules.effects import call
from cpor.rules.effects.call import CallDebt
from cpor.rules.state import State

BY_REASON: Mapping[str, Ended] = {
    "customer_decline": "declined",
    "partner_request": "withdrawn",
    "disassociated": "disassociated",
    "association_ended": "association_ended",
    "displaced_by_rival": "displaced",
}


class ReleaseDebt(CallDebt):
    kind: Literal["release"] = "release"
    ended: Ended

    @property
    def label(self) -> str:
        return "items: leave them"

    def call(self, claim: State) -> Release:
        return Release(**self.common(claim), ended=self.ended, proofs=call.proofs(claim))

    def paid(self, claim: State, result: Answer, now: datetime) -> None:
        cross_off(claim, self)
        if result.outcome == "overtaken":
            self.catch_up(claim, result)
            _leave(claim, self.ended, now)


def settle(claim: State, now: datetime) -> None:
    """While a rejection may be disputed the claim still asks."""
    is_draft = claim.first_submitted_at is None
    if claim.items.standing != "none" and (claim.ended_at is not None or is_draft):
        claim.items.standing, claim.items.rivals, claim.items.more_rivals = "none", [], 0
        _leave(claim, "sent_back" if is_draft else _how(claim), now)


def _leave(claim: State, ended: Ended, now: datetime) -> None:
    number = call.next_number(claim, now)
    debt_id = next_id(claim, "release")
    owe(claim, ReleaseDebt(id=debt_id, since=now, number=number, ended=ended))


def _how(claim: State) -> Ended:
    if claim.consent == "declined":
        return "declined"
    for each in claim.reasons:
        if each.reason in BY_REASON:
            return BY_REASON[each.reason]
    return "rejected"
