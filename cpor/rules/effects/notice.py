"""A notice: one mail to one recipient.

What a mail says is written down when it is first tried, so that a later try says the same; its
address is looked up at each try, so that a corrected contact is used.
"""

from __future__ import annotations

import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Mapping
from datetime import datetime
from typing import Any, ClassVar, Literal

from pydantic import BaseModel, SerializerFunctionWrapHandler, model_serializer
from pydantic_core import to_json

from cpor.rules import contacts
from cpor.rules.bookkeeping import cross_off, next_id, owe
from cpor.rules.deadlines import Calendar, ClockName, Window
from cpor.rules.debt import KEPT_AFTER_THE_END, Debt, Occurrence, plain
from cpor.rules.effects import notice_facts
from cpor.rules.facts import By, Contact, Instant
from cpor.rules.lifecycle import Audience, Recipient, Told
from cpor.rules.sparse import Sparse
from cpor.rules.state import Arrival, State

ANNOUNCEMENTS = ("submitted", "to_review")
TOLD_TO_THE_PARTNER: tuple[ClockName, ...] = ("wait_for_review", "dispute_answer", "consent")
"""Of these clocks the partner's own mails tell, though they bind others."""
OF_AN_APPROVAL = ("consent", "approved", "dispute_decided")


class Address(BaseModel):
    name: str
    email: str
    language: str | None = None


class Promise(BaseModel):
    """What the notice needs to print the end of the window that its acceptance will open."""

    window: Window
    calendar: Calendar
    extended: int = 0


class Notice(BaseModel):
    """What the activity is given. `to` is None where only a setting knows the address."""

    notice_id: str
    claim_id: str
    kind: Told
    recipient: Recipient
    to: Address | None = None
    reviewer: str | None = None
    """The id of the reviewer, where it is for a single one."""
    facts: Mapping[str, Any] = {}
    promise: Promise | None = None

    @model_serializer(mode="wrap")
    def _without_nothing(self, whole: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """What is not there takes no room in the histories of years."""
        said = {name: value for name, value in whole(self).items() if value is not None}
        return {**said, "facts": notice_facts.short(self.facts)} if self.facts else said


class NoticeResult(Sparse):
    """The mail server's last word. A temporary refusal is no result: it is tried again.

    `unaddressed`: nothing was sent, because the reviewer has no address of their own.
    """

    outcome: Literal["accepted", "refused", "unaddressed"]
    at: Instant
    detail: str = ""
    printed_end: Instant | None = None
    token_digest: str = ""
    """By which a report that this very mail came back is recognised."""


class NoticeDebt(Debt[NoticeResult]):
    activity = "send_notice"
    result_type: ClassVar[type[BaseModel]] = NoticeResult
    counter = "claims_notices"

    kind: Literal["notice"] = "notice"
    notice: Told
    recipient: Recipient
    facts: Mapping[str, Any] = {}

    @property
    def label(self) -> str:
        return label(self.notice, self.recipient)

    @property
    def counted_as(self) -> str:
        return self.notice

    def must_wait(self, claim: State) -> bool:
        """For the directory's first answer about a submission, or for the proof to be checked."""
        if self.begun:
            return False
        if self.notice in ANNOUNCEMENTS:
            return is_being_asked_about(claim) or claim.asks_for_its_items
        return self.notice in OF_AN_APPROVAL and claim.is_untold

    def begin(self, claim: State) -> None:
        super().begin(claim)
        if "partner" not in self.facts:
            found = notice_facts.of(claim, self.notice, self.recipient, self.facts)
            self.facts = plain(found)

    def payment(self, claim: State, run: str) -> Notice:
        contact = contact_of(claim, self.recipient)
        return Notice(
            notice_id=self.id,
            claim_id=claim.claim_id,
            kind=self.notice,
            recipient=self.recipient,
            to=contact
            and Address(name=contact.name, email=contact.email, language=contact.language),
            reviewer=claim.reviewer if self.recipient == "reviewer" else None,
            facts=self.facts,
            promise=self.promise(claim),
        )

    def promise(self, claim: State) -> Promise | None:
        return None

    def paid(self, claim: State, result: NoticeResult, now: datetime) -> Occurrence | None:
        if result.outcome == "accepted":
            arrived(claim, self, result)
        if result.outcome != "refused":
            cross_off(claim, self)
            return
        self.park(claim, result.detail, now)
        if self.recipient == "partner" and self.notice != "undeliverable":
            for reviewer in reviewers_of(claim):
                owe_notice(claim, "undeliverable", reviewer, now, {"contact": "partner"})

    def given_up_at(self, claim: State) -> datetime | None:
        return self.parked_at and self.parked_at + KEPT_AFTER_THE_END


def owe_notice(
    claim: State, told: Told, recipient: Recipient, now: datetime, facts: Mapping[str, Any]
) -> None:
    owe(
        claim,
        NoticeDebt(
            id=f"{next_id(claim, told, recipient)}.{recipient}",
            since=now,
            notice=told,
            recipient=recipient,
            facts=plain(facts),
        ),
    )


def label(notice: Told, recipient: str) -> str:
    words = notice.replace("info_", "information_").replace("_", " ")
    who = recipient.replace("_", " ")
    if "contact" in who:
        who = f"customer's {who}"
    return f"mail: {words} → {who}"


def contact_of(claim: State, recipient: Recipient) -> Contact | None:
    match recipient:
        case "partner":
            return claim.partner.contact
        case "contact":
            return claim.customer.contact
        case "technical_contact":
            return claim.customer.technical_contact
        case _:
            return None


def recipients_of(
    claim: State, audience: Audience, by: By, facts: Mapping[str, Any]
) -> list[Recipient]:
    match audience:
        case "whose deadline":
            return _readers_of_the_end(claim, facts["clock"])
        case "customer":
            return contacts_of(claim)
        case "other side":
            return reviewers_of(claim) if by.role == "partner" else ["partner"]
        case "incentive engine" | "directory":
            return []
        case "reviewers":
            return reviewers_of(claim)
        case "partner" | "lead" | "operators":
            return [audience]


def _readers_of_the_end(claim: State, clock: ClockName) -> list[Recipient]:
    """The side that the clock binds, and the partner where a mail told it of that end."""
    told: list[Recipient] = ["partner"] if clock in TOLD_TO_THE_PARTNER else []
    match claim.window(clock).side:
        case "partner":
            return ["partner"]
        case "reviewer":
            return [*told, *reviewers_of(claim)]
        case "customer":
            return [*told, *contacts_of(claim)]


def contacts_of(claim: State) -> list[Recipient]:
    """Of the customer."""
    return [*contacts.told(claim)]


def reviewers_of(claim: State) -> list[Recipient]:
    """The queue, and the one who has the claim."""
    has_own = claim.reviewers_have_addresses and claim.reviewer is not None
    return ["reviewers", "reviewer"] if has_own else ["reviewers"]


def arrived(claim: State, debt: NoticeDebt, result: NoticeResult) -> None:
    """A mail server took it; from now on it may come back."""
    arrival = Arrival(at=result.at, token_digest=result.token_digest)
    claim.arrivals[debt.id] = arrival
    claim.room_kept += len(to_json({debt.id: arrival}))


def digest_of_token(token: str) -> str:
    return urlsafe_b64encode(hashlib.sha256(token.encode()).digest()[:16]).rstrip(b"=").decode()


def announcements(claim: State) -> list[NoticeDebt]:
    """Notices that tell of a submission."""
    return [
        debt
        for debt in _notices(claim)
        if debt.notice in ANNOUNCEMENTS and debt.facts.get("because") != "award_lost"
    ]


def of_an_approval(claim: State) -> list[NoticeDebt]:
    """Notices that nobody gets of an approval that is taken back."""
    return [debt for debt in _notices(claim) if debt.notice in OF_AN_APPROVAL and not debt.begun]


def forget_reminders(claim: State) -> None:
    """What they remind of is done, or is said anew."""
    cross_off(claim, *(debt for debt in _notices(claim) if debt.notice == "reminder"))


def forget_unsent(claim: State, *told: Told) -> None:
    """What they ask for is done already."""
    cross_off(claim, *(each for each in _notices(claim) if each.notice in told and not each.begun))


def is_being_asked_about(claim: State) -> bool:
    """The directory has not answered yet, and it is too early to call that silence."""
    return claim.has_directory and any(
        debt.holds_back_announcements and debt.state == "owed" for debt in claim.debts
    )


def may_have_sent(claim: State, notice_id: str) -> bool:
    """Whether this is the id of a notice, also of one that is void by now."""
    claim_id, _, rest = notice_id.partition(".")
    told, number, recipient = (*rest.split("."), "", "", "")[:3]
    latest = claim.rounds.get(f"{told}.{recipient}", 0)
    known = {f"{claim_id}.{told}.{each}.{recipient}" for each in range(1, latest + 1)}
    debt = claim.debt(notice_id)
    was_tried = debt is None or debt.begun
    return claim_id == claim.claim_id and bool(number) and notice_id in known and was_tried


def _notices(claim: State) -> list[NoticeDebt]:
    return [debt for debt in claim.debts if isinstance(debt, NoticeDebt)]
