"""The customer's consent: asked by mail, given by silence, never without a mail that arrived.

The window opens when a mail server has accepted the notice. A refused notice holds the clock until
the contact is corrected or an operator tries again; either asks anew, with a full window.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from cpor.rules.effects import Debt, NoticeResult, Recipient, in_short
from cpor.rules.history import CLAIM_ITSELF, EVERYBODY
from cpor.rules.lifecycle import Status
from cpor.rules.state import Asked, State

PATIENCE = timedelta(days=30)
"""So long without an arrived notice, and people are called."""
REFUSED = "notice refused"
"""The name under which the table hears that a notice did not reach the customer."""
VOID_NO = "void no"
"""The name under which the table hears of a no by a notice that a newer one has replaced."""

_FIELD_OF: dict[str, Recipient] = {
    "customer": "contact",
    "customer_contact": "contact",
    "technical_contact": "technical_contact",
}


def begin(claim: State, recipients: Iterable[Recipient], now: datetime) -> None:
    """The claim is approved: everybody is asked, and patience with the mail begins."""
    claim.escalate_at = now + PATIENCE
    ask(claim, recipients, now)


def ask(claim: State, recipients: Iterable[Recipient], now: datetime) -> None:
    """Owe each of them a notice of a new round; what is under way to them is void."""
    if claim.clocks.live("consent") is None:
        claim.clocks.wait("consent", claim.window("consent"), claim.rules_in_force.name)
    for recipient in recipients:
        if earlier := claim.asked.get(recipient):
            claim.cross_off(earlier.notice_id)
        facts = {"other_recipients": len(claim.recipients("customer", CLAIM_ITSELF)) > 1}
        debt = claim.owe_notice("consent", recipient, now, facts)
        claim.asked[recipient] = Asked(notice_id=debt.id)
    claim.consent = "pending"


def ask_again(claim: State, now: datetime) -> list[str]:
    """A new round to whom the last one did not reach; says to whom."""
    refused: list[Recipient] = [
        who for who, asked in claim.asked.items() if asked.state == "refused"
    ]
    if claim.status is Status.APPROVED and claim.consent_is_open and refused:
        ask(claim, refused, now)
        return [f"consent notice to {who}" for who in refused]
    return []


def contacts_changed(claim: State, fields: Collection[str], now: datetime) -> None:
    if claim.status is not Status.APPROVED:
        return
    changed: set[Recipient] = {_FIELD_OF[field] for field in fields if field in _FIELD_OF}
    anew: list[Recipient] = [who for who in claim.asked if who in changed]
    if anew:
        ask(claim, anew, now)


def answered(claim: State, debt: Debt, result: NoticeResult, now: datetime) -> bool:
    """The mail server's last word about a notice of the latest round: did it arrive?"""
    (asked,) = (each for each in claim.asked.values() if each.notice_id == debt.id)
    if result.outcome == "accepted":
        asked.state = "accepted"
        _arrived(claim, debt, result, now)
        return True
    asked.state = "refused"
    _refused(claim, debt, result, now)
    return False


def _arrived(claim: State, debt: Debt, result: NoticeResult, now: datetime) -> None:
    text = f"the customer's {_words(debt.recipient)} was told"
    claim.note("notice_accepted", text, CLAIM_ITSELF, now, sight=EVERYBODY)
    claim.escalate_at = None
    clock = claim.clocks.live("consent")
    if clock is None:
        return
    if clock.state == "running":
        return claim.clocks.promise(clock, result.printed_end)
    if clock.state == "held":
        clock.stop()
        clock = claim.clocks.wait("consent", clock.window, clock.edition)
    clock.promised = result.printed_end
    claim.clocks.start(clock, result.at)
    claim.notice_accepted_at = result.at


def _refused(claim: State, debt: Debt, result: NoticeResult, now: datetime) -> None:
    who = _words(debt.recipient)
    text = f"the notice to the customer's {who} was refused: {in_short(result.detail)}"
    claim.note("notice_refused", text, CLAIM_ITSELF, now)
    _lost(claim)


def bounced(claim: State, notice_id: str, now: datetime) -> Recipient | None:
    """A notice that a mail server had taken came back; to whom, where that matters still."""
    if claim.status is not Status.APPROVED or not claim.consent_is_open:
        return None
    for who, asked in claim.asked.items():
        if asked.notice_id == notice_id and asked.state != "refused":
            had_arrived, asked.state = asked.state == "accepted", "refused"
            claim.cross_off(notice_id)
            if _lost(claim) and had_arrived:
                claim.escalate_at = now + PATIENCE
            return who
    return None


def _lost(claim: State) -> bool:
    """One notice less: nobody is bound unless another has arrived. Has none?"""
    if any(asked.state == "accepted" for asked in claim.asked.values()):
        return False
    clock = claim.clocks.live("consent")
    nobody_is_left = all(asked.state == "refused" for asked in claim.asked.values())
    claim.notice_accepted_at = None
    if nobody_is_left:
        claim.consent = "held"
    if clock is not None and (nobody_is_left or clock.state == "running"):
        clock.hold()
    return True


def is_void(claim: State, notice_id: str) -> bool:
    """It was sent, and a newer one took its place; whoever got it may be a contact no more."""
    is_consent = notice_id.startswith(f"{claim.claim_id}.consent.")
    return (
        is_consent
        and claim.may_have_sent(notice_id)
        and not claim.is_latest_consent_notice(notice_id)
    )


def end(claim: State) -> None:
    """Nothing is asked any more: notices under way are void."""
    for asked in claim.asked.values():
        claim.cross_off(asked.notice_id)
    claim.escalate_at = None


def _words(recipient: Recipient | None) -> str:
    return (recipient or "").replace("_", " ")
