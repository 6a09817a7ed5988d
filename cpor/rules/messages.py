"""What may be said to a claim, and the receipt it answers with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, ClassVar, Literal, Self

from pydantic import BaseModel, Field, model_validator

from cpor.rules.changes import Changes
from cpor.rules.contacts import CustomersContact
from cpor.rules.deadlines import ClockName
from cpor.rules.errors import Code
from cpor.rules.facts import (
    EACH_ONCE,
    MOST_FILES,
    RULES,
    By,
    Fact,
    FileReference,
    Instant,
    Line,
    Role,
    Sha256,
    Text,
    under,
)
from cpor.rules.grounds import Reason, Request
from cpor.rules.lifecycle import Status
from cpor.rules.reading import one_object
from cpor.rules.shapes import ActorId, MessageId, NoticeId

MOST_REQUESTS = 50

WithdrawReason = Literal[
    "wrong_mpn", "wrong_activity", "wrong_customer", "no_longer_engaged", "other"
]


class Message(Fact):
    """Base of all messages. `id` is the sender's own and makes the message repeatable."""

    name: ClassVar[str]

    id: MessageId | None = None
    """The sender's own, one for each message: the same again changes nothing."""
    by: By


Seen = Annotated[
    int,
    Field(
        strict=True,
        ge=0,
        description="The last `seq` the reviewer looked at: a newer word of the partner refuses.",
    ),
]


class Edit(Message):
    """The partner changes fields of the claim."""

    name = "edit"
    changes: Changes


class AddEvidence(Message):
    """The partner names proof files whose bytes already lie in the store."""

    name = "add_evidence"
    evidence: Annotated[list[FileReference], Field(min_length=1, max_length=MOST_FILES), EACH_ONCE]
    comment: Text | None = None


class WithdrawEvidence(Message):
    """The partner takes proof files back: they stay in the record and are not reviewed."""

    name = "withdraw_evidence"
    evidence: Annotated[list[Sha256], Field(min_length=1, max_length=MOST_FILES)]
    """By the SHA-256 of their bytes."""
    comment: Text | None = None


class Comment(Message):
    """Partner or reviewer write a remark; it stops no clock."""

    name = "comment"
    text: Text
    internal: bool = False
    """For reviewers only: the partner neither sees it nor gets a mail."""


class Submit(Message):
    """The partner submits the claim, or answers a request by submitting it again."""

    name = "submit"
    comment: Text | None = None
    """For the reviewers."""


class StartReview(Message):
    """A reviewer begins to check the proof."""

    name = "start_review"


class RequestInfo(Message):
    """A reviewer asks the partner for more."""

    name = "request_info"
    requests: Annotated[list[Request], Field(min_length=1, max_length=MOST_REQUESTS)]
    seen: Seen | None = None


class Approve(Message):
    """A reviewer approves; the customer is asked next."""

    name = "approve"
    note: Text | None = None
    """For reviewers only."""
    displace: bool = False
    """Another claim that holds an item of this one loses it; needs a `note` that says why."""
    contacts_confirmed: bool = False
    """The customer's contacts are right, also those that were changed or lie outside its domain;
    needs `seen`."""
    seen: Seen | None = None

    @model_validator(mode="after")
    def _says_why_it_displaces(self) -> Self:
        if self.displace and self.note is None:
            raise ValueError("displace needs a note that says why")
        return self

    @model_validator(mode="after")
    def _has_seen_whom(self) -> Self:
        if self.contacts_confirmed and self.seen is None:
            raise ValueError("contacts_confirmed needs seen, the last entry you looked at")
        return self


class ConfirmContact(Message):
    """A reviewer has made sure that a contact may speak for the customer."""

    name = "confirm_contact"
    contact: CustomersContact
    """Which of the two."""
    seen: Seen


class Reject(Message):
    """A reviewer rejects, with reasons."""

    name = "reject"
    reasons: Annotated[list[Reason], Field(min_length=1, max_length=MOST_REQUESTS)]
    """Each is shown to the partner."""
    note: Text | None = None
    """Shown to the partner."""
    seen: Seen | None = None


class Withdraw(Message):
    """The partner takes the claim back."""

    name = "withdraw"
    reason: WithdrawReason
    note: Text | None = None


class Decline(Message):
    """The customer says no, or an operator passes it on."""

    name = "decline"
    note: Text | None = None
    """Why, if the customer says so."""
    notice_id: NoticeId | None = None
    """From the mail's link: which notice is answered."""
    contact: CustomersContact | None = None
    """Whose no an operator passes on; if absent, that of `contact`."""
    came_by: Line | None = None
    """How it came to the operator, such as `reply to the mail`; needed from operators."""


class Dispute(Message):
    """The partner objects to a rejection: says why, adds proof, or both."""

    name = "dispute"
    justification: Text | None = None
    """Why the rejection was wrong."""
    evidence: Annotated[
        list[FileReference], Field(max_length=MOST_FILES, default_factory=list), EACH_ONCE
    ]

    @model_validator(mode="after")
    def _says_why(self) -> Self:
        if self.justification is None and not self.evidence:
            raise ValueError("a dispute needs a justification, or evidence, or both")
        return self


class Disassociate(Message):
    """The partner ends the association with the customer."""

    name = "disassociate"
    reason: Text


class EndAssociation(Message):
    """A reviewer answers a doubt about an approved claim: it ends."""

    name = "end_association"
    reason: Text
    """Shown to customer and partner."""


class KeepAssociation(Message):
    """A reviewer answers a doubt about an approved claim: it stays as it is."""

    name = "keep_association"
    reason: Text
    """Shown to the customer."""


class Assign(Message):
    """An operator gives the claim to a reviewer."""

    name = "assign"
    reviewer: ActorId
    """The account that reviews from now on."""


class Extend(Message):
    """An operator gives more time on one clock: whose, where none is named, the claim knows."""

    name = "extend"
    business_days: Annotated[int, Field(strict=True, ge=1, le=30)]
    """How many more."""
    why: Text
    """Goes into the history."""
    clock: ClockName | None = None
    """Left out: the clock of the side that must act now."""


class Retry(Message):
    """An operator has what is parked tried again."""

    name = "retry"


class ReportConflict(Message):
    """An operator has found in the store what the claim does not know: it stops."""

    name = "report_conflict"
    text: Line
    """What the store knows, in words."""
    found: Annotated[list[Line], Field(min_length=1, max_length=20), EACH_ONCE]
    """The hash of a record, `no.` and the id of a notice, or the id of an event."""


class ResolveConflict(Message):
    """An operator has looked at what the store knows, and the claim goes on as it is."""

    name = "resolve_conflict"
    why: Text
    """Goes into the history."""


class Bounced(Message):
    """A mail that was taken came back, or is still on its way."""

    name = "bounced"
    notice_id: NoticeId
    """Which mail: its Message-ID, before the +."""
    token: Line
    """That it is about a mail of ours: its Message-ID, between + and @."""
    detail: Text
    """What the mail server said."""
    action: Literal["failed", "delayed"] = "failed"
    """`delayed`: it is still being tried; that is kept, and changes nothing."""


class EligibilityResult(Message):
    """The incentive engine says what came of the hand-off."""

    name = "eligibility_result"
    outcome: Literal["eligible", "not_eligible"]
    """How the claim was judged."""
    note: Text | None = None


MESSAGES: Mapping[str, type[Message]] = {
    kind.name: kind
    for kind in (
        Edit,
        AddEvidence,
        WithdrawEvidence,
        Comment,
        Submit,
        StartReview,
        RequestInfo,
        Approve,
        Reject,
        ConfirmContact,
        EndAssociation,
        KeepAssociation,
        Withdraw,
        Decline,
        Dispute,
        Disassociate,
        Assign,
        Extend,
        Retry,
        ReportConflict,
        ResolveConflict,
        Bounced,
        EligibilityResult,
    )
}


class Receipt(BaseModel):
    """A claim's answer to one message; the same message again gets the same answer."""

    id: str
    """The message's, or the one the claim gave it."""
    role: Role | None = None
    """Of its sender; ids of different roles have nothing to do with each other."""
    outcome: Literal["accepted", "refused"]
    code: Code | None = None
    """Why it was refused."""
    text: str
    """For people."""
    status: Status
    """Of the claim, afterwards."""
    at: Instant
    """When the claim learned of the message."""


def read(name: str, payloads: Sequence[object], rules: int = RULES) -> Message:
    """The message, or `Invalid` with every problem there is."""
    return one_object(MESSAGES, "message", name, payloads, under(rules))
