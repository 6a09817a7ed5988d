"""What other systems say: a mail came back, the incentive engine has judged."""

from __future__ import annotations

from datetime import datetime

from cpor.rules.action import Action
from cpor.rules.debt import Occurrence, in_short
from cpor.rules.effects import consent, hand_off, request, result
from cpor.rules.effects.notice import NoticeDebt, digest_of_token
from cpor.rules.errors import Invalid, Problem, Refused
from cpor.rules.history import REVIEWERS
from cpor.rules.lifecycle import Status
from cpor.rules.messages import Bounced, EligibilityResult
from cpor.rules.state import State
from cpor.rules.transitions import happens

_OUTSIDE = ("partner", "contact", "technical_contact")
"""Reviewers are told when a mail to one of these comes back. A mail about a mail to the reviewers
themselves would not arrive either."""


def check_bounced(claim: State, message: Bounced) -> None:
    """Anybody can write a report; only who has the mail knows its token."""
    arrival = claim.arrivals.get(message.notice_id)
    if arrival is not None:
        if arrival.token_digest != digest_of_token(message.token):
            raise Invalid([Problem("token", "is not the one in this notice's Message-ID")])
        return
    debt = claim.debt(message.notice_id)
    if isinstance(debt, NoticeDebt) and debt.begun and debt.state != "parked":
        raise Refused("not_yet", "this notice is being sent: say it again in a few minutes")
    raise Invalid([Problem("notice_id", "is no notice of this claim that a mail server took")])


def bounced(claim: State, message: Bounced, now: datetime) -> Action:
    *_, kind, _, recipient = message.notice_id.split(".")
    if message.action == "delayed":
        text = f"the notice {message.notice_id} is still on its way: {in_short(message.detail)}"
        return Action("Noted; it is still being tried.", text, sight=REVIEWERS, follows=False)
    text = f"the notice {message.notice_id} came back: {in_short(message.detail)}"
    if who := consent.bounced(claim, message.notice_id, now):
        happens(claim, Occurrence(consent.REFUSED, "mail server", {"contact": who}), now)
        return Action("Noted. The contact must be corrected.", text, follows=False)
    if unreached := request.bounced(claim, message.notice_id, message.detail, now):
        happens(claim, unreached, now)
        return Action("Noted. The partner's time to answer stands still.", text, follows=False)
    if kind == "consent" or recipient not in _OUTSIDE:
        return Action("Noted; it changes nothing.", text, follows=False)
    return Action(
        "Noted. The reviewers are told.", text, facts={"contact": recipient, "notice": kind}
    )


def eligibility_result(claim: State, message: EligibilityResult, now: datetime) -> Action:
    if arrived := hand_off.judged(claim, now):
        happens(claim, arrived, now)
    result.forget(claim)
    said = f"judged: {message.outcome}" + (f" ({message.note})" if message.note else "")
    if claim.status is not Status.APPROVED:
        return Action("Noted; the association has ended, so nothing changes.", said)
    before, claim.eligibility = claim.eligibility, message.outcome
    return Action(
        "Noted. The partner is told.",
        said,
        {"eligibility": [before, message.outcome]},
        facts={"outcome": message.outcome, "note": message.note},
    )
