"""The customer's consent: asked by mail, given by silence, never without a mail that arrived.

The window opens when a mail server has accepted the notice. A refused notice holds the clock until
the contact is corrected or an operator tries again; either asks anew, with a full window.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime, timedelta

from cpor.rules import contacts
from cpor.rules.bookkeeping import cross_off, next_id, note, owe
from cpor.rules.deadlines import Calendar
from cpor.rules.debt import Occurrence, in_short, plain
from cpor.rules.doubts import stops_the_clock
from cpor.rules.effects.notice import (
    NoticeDebt,
    NoticeResult,
    Promise,
    arrived,
    contacts_of,
    may_have_sent,
)
from cpor.rules.history import CLAIM_ITSELF, EVERYBODY
from cpor.rules.lifecycle import Recipient, Status
from cpor.rules.state import Asked, State

PATIENCE = timedelta(days=30)
"""How long nothing may arrive before people are called."""
FIRST_TRIES = timedelta(hours=1)
"""What is tried for the first time has succeeded, failed or is late after less than that."""
REFUSED = "notice refused"
"""The name under which the table hears that a notice did not reach the customer."""
UNCONFIRMED = "contact unconfirmed"
"""The name under which the table hears that a notice waits for a reviewer to confirm its reader."""

_CONTACT_OF_FIELD: dict[str, Recipient] = {
    "customer": "contact",
    "customer_contact": "contact",
    "technical_contact": "technical_contact",
}


class ConsentDebt(NoticeDebt):
    """The notice that asks the customer."""

    def must_wait(self, claim: State) -> bool:
        """Nobody is asked whom a reviewer has still to confirm, nor while one looks at a no."""
        waits = self.recipient in contacts.unconfirmed(claim) or stops_the_clock(claim)
        return waits or super().must_wait(claim)

    def begin(self, claim: State) -> None:
        super().begin(claim)
        for asked in claim.asked.values():
            if asked.notice_id == self.id:
                asked.state = "under way"

    def promise(self, claim: State) -> Promise | None:
        clock = claim.clocks.latest("consent")
        if clock is None:
            return None
        calendar = claim.clocks.calendar_of(clock)
        if clock.window.unit == "days" and not clock.extended:
            # All days count alike, so the mail needs the zone and no more.
            calendar = Calendar(name=calendar.name, zone=calendar.zone)
        return Promise(window=clock.window, calendar=calendar, extended=clock.extended)

    def paid(self, claim: State, result: NoticeResult, now: datetime) -> Occurrence | None:
        """The mail server's last word about a notice of the latest round: did it arrive?"""
        cross_off(claim, self)
        (asked,) = (each for each in claim.asked.values() if each.notice_id == self.id)
        if result.outcome == "accepted":
            arrived(claim, self, result)
            asked.state = "accepted"
            _arrived(claim, self.recipient, result, now)
            return None
        asked.state = "refused"
        text = f"the notice to the customer's {_words(self.recipient)} was refused: "
        note(claim, "notice_refused", text + in_short(result.detail), CLAIM_ITSELF, now)
        _lost(claim)
        return Occurrence(REFUSED, "mail server", {"contact": self.recipient})


def begin(claim: State, recipients: Iterable[Recipient], now: datetime) -> None:
    """The claim is approved: everybody is asked, and patience with the mail begins."""
    claim.escalate_at = now + PATIENCE
    ask(claim, recipients, now)


def ask(claim: State, recipients: Iterable[Recipient], now: datetime) -> None:
    """Owe each of them a notice of a new round; what is under way to them is void."""
    if claim.clocks.live("consent") is None:
        claim.clocks.wait("consent", claim.window("consent"), claim.rules_in_force.name)
    for recipient in recipients:
        if (earlier := claim.asked.get(recipient)) and (debt := claim.debt(earlier.notice_id)):
            cross_off(claim, debt)
        debt = ConsentDebt(
            id=f"{next_id(claim, 'consent', recipient)}.{recipient}",
            since=now,
            notice="consent",
            recipient=recipient,
            facts=plain({"other_recipients": len(contacts_of(claim)) > 1}),
        )
        owe(claim, debt)
        claim.asked[recipient] = Asked(notice_id=debt.id)
    claim.consent = "held" if stops_the_clock(claim) else "pending"


def unconfirmed(claim: State) -> Occurrence:
    """A notice waits: whom is it for, and what is there to be looked at?"""
    return Occurrence(UNCONFIRMED, "address check", contacts.listed(claim))


def hold(claim: State) -> None:
    """Somebody said no who may speak for the customer: a reviewer looks first."""
    claim.consent, claim.notice_accepted_at = "held", None
    if clock := claim.clocks.live("consent"):
        clock.hold()


def ask_again(claim: State, now: datetime) -> list[str]:
    """A new round to those whom the last one did not reach; says to whom."""
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
    changed = {_CONTACT_OF_FIELD[field] for field in fields if field in _CONTACT_OF_FIELD}
    anew: list[Recipient] = [who for who in claim.asked if who in changed]
    if anew:
        ask(claim, anew, now)


def bounced(claim: State, notice_id: str, now: datetime) -> Recipient | None:
    """A notice that a mail server had taken came back; to whom, where that matters still."""
    if claim.status is not Status.APPROVED or not claim.consent_is_open:
        return None
    for who, asked in claim.asked.items():
        if asked.notice_id == notice_id and asked.state != "refused":
            asked.state = "refused"
            if _lost(claim):
                claim.escalate_at = now + PATIENCE
            return who
    return None


def wakes_before(claim: State, end: datetime) -> bool:
    """Something is tried for the first time, and what comes of it wakes the claim long before.

    So no timer has to wait beside the notice, which usually arrives at once, nor beside what the
    notice waits for.
    """
    first_tries = (debt for debt in claim.payable if debt.state == "owed")
    return any(debt.since + FIRST_TRIES < end for debt in first_tries)


def is_latest(claim: State, notice_id: str) -> bool:
    """Whether it is the newest notice to one of the contacts."""
    return any(asked.notice_id == notice_id for asked in claim.asked.values())


def is_of_claim(claim: State, notice_id: str) -> bool:
    """It may have been sent, be it the newest or one that a newer one has replaced."""
    is_consent = notice_id.startswith(f"{claim.claim_id}.consent.")
    return is_latest(claim, notice_id) or (is_consent and may_have_sent(claim, notice_id))


def end(claim: State) -> None:
    """Nothing is asked any more: notices under way are void."""
    claim.escalate_at = None
    cross_off(claim, *(debt for debt in claim.debts if is_latest(claim, debt.id)))


def _arrived(claim: State, recipient: Recipient, result: NoticeResult, now: datetime) -> None:
    text = f"the customer's {_words(recipient)} was told"
    note(claim, "notice_accepted", text, CLAIM_ITSELF, now, sight=EVERYBODY)
    claim.escalate_at = None
    clock = claim.clocks.live("consent")
    if clock is None or stops_the_clock(claim):
        return
    if claim.clocks.arrived(clock, result.at, result.printed_end):
        claim.notice_accepted_at = result.at


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


def _words(recipient: Recipient) -> str:
    return recipient.replace("_", " ")
