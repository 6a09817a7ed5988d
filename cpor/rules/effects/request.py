"""The request to the partner: the time to answer it begins when the mail has arrived.

Nobody is rejected for a silence that could not be broken. Where the mail is refused, comes back or
is still being tried, the time stands, until it arrives or the partner is seen.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cpor.rules.bookkeeping import cross_off, next_id, note, owe
from cpor.rules.debt import Occurrence, in_short, plain
from cpor.rules.effects.notice import NoticeDebt, NoticeResult, Promise, arrived
from cpor.rules.history import CLAIM_ITSELF
from cpor.rules.lifecycle import Status
from cpor.rules.state import State

UNREACHED = "request refused"
"""The name under which the table hears that a request did not reach the partner."""


class RequestDebt(NoticeDebt):
    """The notice that asks the partner for more."""

    def promise(self, claim: State) -> Promise | None:
        clock = claim.clocks.live("answer")
        if clock is None or clock.state not in ("waiting", "held"):
            return None
        calendar = claim.clocks.calendar_of(clock)
        return Promise(window=clock.window, calendar=calendar, extended=clock.extended)

    def paid(self, claim: State, result: NoticeResult, now: datetime) -> Occurrence | None:
        if result.outcome == "accepted":
            cross_off(claim, self)
            arrived(claim, self, result)
            if _is_latest(claim, self.id):
                _begin(claim, result.at, result.printed_end)
            return None
        if occurrence := _hold(claim, self.id, result.detail, now):
            self.park(claim, result.detail, now)
            return occurrence
        return super().paid(claim, result, now)


def owe_request(claim: State, facts: Mapping[str, Any], now: datetime) -> None:
    """A new one; what is still owed of an older one is void."""
    cross_off(claim, *_owed(claim))
    number = next_id(claim, "info_requested", "partner")
    debt = RequestDebt(
        id=f"{number}.partner",
        since=now,
        notice="info_requested",
        recipient="partner",
        facts=plain(facts),
    )
    owe(claim, debt)


def bounced(claim: State, notice_id: str, detail: str, now: datetime) -> Occurrence | None:
    """The latest came back, and nothing shows that the partner knows of it."""
    if not _is_latest(claim, notice_id) or partner_was_seen(claim):
        return None
    clock = claim.clocks.live("answer")
    if clock is not None and clock.state == "running":
        clock.hold()
    if occurrence := _hold(claim, notice_id, detail, now):
        cross_off(claim, *_owed(claim))
        return occurrence
    return None


def ask_again(claim: State, now: datetime) -> list[str]:
    """A new request, where the last one came back."""
    clock = claim.clocks.live("answer")
    if clock is None or clock.state != "held" or _owed(claim):
        return []
    facts = {"requests": [each.model_dump(mode="json") for each in claim.requests]}
    owe_request(claim, facts, now)
    return ["request to the partner"]


def partner_seen(claim: State, now: datetime) -> None:
    """Whoever speaks has seen the claim, and so what is asked of them."""
    if claim.status is Status.PARTNER_ACTION:
        _begin(claim, now, None)


def partner_was_seen(claim: State) -> bool:
    """Since the last request."""
    for entry in reversed(claim.history):
        if entry.changes.get("status", ["", ""])[1] == Status.PARTNER_ACTION.value:
            return False
        if entry.by.role == "partner" and entry.what != "refused":
            return True
    return False


def _begin(claim: State, at: datetime, printed_end: datetime | None) -> None:
    if clock := claim.clocks.live("answer"):
        claim.clocks.arrived(clock, at, printed_end)


def _hold(claim: State, notice_id: str, said: str, now: datetime) -> Occurrence | None:
    clock = claim.clocks.live("answer")
    if not _is_latest(claim, notice_id) or clock is None or clock.state == "running":
        return None
    clock.hold()
    text = f"the request did not reach the partner, whose time stands still: {in_short(said)}"
    note(claim, "notice_refused", text, CLAIM_ITSELF, now)
    return Occurrence(UNREACHED, "mail server")


def _is_latest(claim: State, notice_id: str) -> bool:
    number = claim.rounds.get("info_requested.partner", 0)
    is_it = notice_id == f"{claim.claim_id}.info_requested.{number}.partner"
    return is_it and claim.status is Status.PARTNER_ACTION


def _owed(claim: State) -> list[RequestDebt]:
    return [debt for debt in claim.debts if isinstance(debt, RequestDebt)]
