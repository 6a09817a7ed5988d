"""What operators and other systems say: who decides, more time, another try, what came back."""

from __future__ import annotations

from datetime import datetime

from cpor.rules import association, consent, reviewing
from cpor.rules.actions import Deed
from cpor.rules.deadlines import Clock, ClockName
from cpor.rules.debtor import Debtor
from cpor.rules.effects import in_short
from cpor.rules.errors import Invalid, Problem, Refused
from cpor.rules.history import REVIEWERS
from cpor.rules.lifecycle import CLOCKS, Status
from cpor.rules.messages import Assign, Bounced, EligibilityResult, Extend, Retry

MOST_EXTENDED = 90
"""More days than these, and the known working days might not reach."""
_OUTSIDE = ("partner", "contact", "technical_contact")
"""Whose mails reviewers hear of when they come back; of their own they would hear in vain."""


def may_assign(claim: Debtor, message: Assign) -> None:
    reviewing.somebody_else(claim, message.reviewer)


def assign(claim: Debtor, message: Assign, now: datetime) -> Deed:
    before, claim.reviewer = claim.reviewer, message.reviewer
    return Deed(
        f"Assigned to {message.reviewer}.",
        f"assigned the claim to {message.reviewer}",
        {"reviewer": [before, message.reviewer]},
    )


def may_extend(claim: Debtor, message: Extend) -> None:
    clock = _to_extend(claim, message.clock)
    if clock.extended + message.business_days > MOST_EXTENDED:
        raise Refused(
            "too_much",
            f"{clock.clock} can be extended by {MOST_EXTENDED} business days in all, "
            f"and has {clock.extended} already",
        )


def _to_extend(claim: Debtor, asked: ClockName | None) -> Clock:
    name = asked or CLOCKS[claim.status].runs[0]
    clock = claim.clocks.latest(name)
    if clock is None or clock.state not in ("running", "paused", "waiting"):
        why = "it stands until a notice arrives and then begins anew in full"
        state = why if clock and clock.state == "held" else "it is not running"
        raise Refused("wrong_status", f"{name} cannot be extended now: {state}")
    return clock


def extend(claim: Debtor, message: Extend, now: datetime) -> Deed:
    clock = _to_extend(claim, message.clock)
    before = clock.end
    claim.clocks.extend(clock, message.business_days, now)
    days = f"{message.business_days} business day{'s' if message.business_days > 1 else ''}"
    return Deed(
        f"Extended by {days}.",
        f"gave {days} more on {clock.clock}: {message.why}",
        {f"{clock.clock}.end": [_written(before), _written(clock.end)]},
    )


def _written(at: datetime | None) -> str | None:
    return at.strftime("%Y-%m-%dT%H:%M:%SZ") if at else None


def retry(claim: Debtor, message: Retry, now: datetime) -> Deed:
    again = claim.owe_again(now)
    if not again:
        return Deed("Nothing is parked.", "retried, nothing was parked", sight=REVIEWERS)
    return Deed(f"Tried again: {', '.join(again)}.", f"retried {', '.join(again)}", sight=REVIEWERS)


def may_bounce(claim: Debtor, message: Bounced) -> None:
    if not claim.may_have_sent(message.notice_id):
        raise Invalid([Problem("notice_id", "is no notice of this claim")])


def bounced(claim: Debtor, message: Bounced, now: datetime) -> Deed:
    *_, kind, _, recipient = message.notice_id.split(".")
    text = f"the notice {message.notice_id} came back: {in_short(message.detail)}"
    if who := consent.bounced(claim, message.notice_id, now):
        claim.happens(consent.REFUSED, "mail server", now, {"contact": who})
        return Deed("Noted. The contact must be corrected.", text, tells=False)
    if kind == "consent" or recipient not in _OUTSIDE:
        return Deed("Noted; it changes nothing.", text, tells=False)
    return Deed(
        "Noted. The reviewers are told.", text, facts={"contact": recipient, "notice": kind}
    )


def eligibility_result(claim: Debtor, message: EligibilityResult, now: datetime) -> Deed:
    association.judged(claim, now)
    said = f"judged: {message.outcome}" + (f" ({message.note})" if message.note else "")
    if claim.status is not Status.APPROVED:
        return Deed("Noted; the association has ended, so nothing changes.", said)
    before, claim.eligibility = claim.eligibility, message.outcome
    return Deed(
        "Noted. The partner is told.",
        said,
        {"eligibility": [before, message.outcome]},
        facts={"outcome": message.outcome, "note": message.note},
    )
