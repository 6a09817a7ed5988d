"""What may be said to a claim, and the receipt it answers with."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, ClassVar, Literal, Self, cast

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from cpor.rules.characters import stripped
from cpor.rules.contacts import CustomersContact
from cpor.rules.deadlines import ClockName
from cpor.rules.errors import Code, Invalid, Problem, quoted
from cpor.rules.facts import (
    MOST_FILES,
    RULES,
    Activity,
    By,
    Contact,
    Customer,
    Fact,
    FileReference,
    Instant,
    Line,
    MpnId,
    NamedProducts,
    Program,
    Text,
    problems,
    under,
)
from cpor.rules.grounds import Reason, Request
from cpor.rules.lifecycle import Status

MOST_REQUESTS = 50

WithdrawReason = Literal[
    "wrong_mpn", "wrong_activity", "wrong_customer", "no_longer_engaged", "other"
]


class Message(Fact):
    """Base of all messages. `id` is the sender's own and makes the message repeatable."""

    name: ClassVar[str]

    id: Line | None = None
    """The sender's own, one for each message: the same again changes nothing."""
    by: By


def _at_least_one_and_none_null(schema: dict[str, Any]) -> None:
    schema["minProperties"] = 1
    for name, field in schema["properties"].items():
        if name != "technical_contact":
            field["anyOf"].remove({"type": "null"})


class Changes(Fact):
    """Only what is sent is changed; only a technical contact can be taken away."""

    model_config = ConfigDict(json_schema_extra=_at_least_one_and_none_null)

    mpn_id: MpnId | None = None
    """Where the partner's location was the wrong one."""
    products: NamedProducts | None = None
    """All of them, in place of those before."""
    customer_contact: Contact | None = None
    technical_contact: Contact | None = None
    """Null takes it away."""
    partner_contact: Contact | None = None
    name: Line | None = None
    """Only in Editing, as the three below."""
    program: Program | None = None
    activity: Activity | None = None
    customer: Customer | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.model_fields_set:
            raise ValueError("must name at least one field")
        for field in sorted(self.model_fields_set - {"technical_contact"}):
            if getattr(self, field) is None:
                raise ValueError(f"{field} must not be null")
        return self


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
    evidence: Annotated[list[FileReference], Field(min_length=1, max_length=MOST_FILES)]
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
    contacts_confirmed: bool = False
    """The customer's contacts are right, also those that were changed or lie outside its domain;
    needs `seen`."""
    seen: Seen | None = None

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
    """The customer says no."""

    name = "decline"
    note: Text | None = None
    """Why, if the customer says so."""
    notice_id: Line | None = None
    """From the mail's link: which notice is answered."""


class Dispute(Message):
    """The partner objects to a rejection: says why, adds proof, or both."""

    name = "dispute"
    justification: Text | None = None
    """Why the rejection was wrong."""
    evidence: Annotated[list[FileReference], Field(max_length=MOST_FILES, default_factory=list)]

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
    reviewer: Line
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


class Bounced(Message):
    """A mail that was taken came back."""

    name = "bounced"
    notice_id: Line
    """Which mail: its Message-ID, before the @."""
    detail: Text
    """What the mail server said."""


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
        Bounced,
        EligibilityResult,
    )
}


class Receipt(BaseModel, use_attribute_docstrings=True):
    """A claim's answer to one message; the same message again gets the same answer."""

    id: str
    """The message's, or the one the claim gave it."""
    outcome: Literal["accepted", "refused"]
    code: Code | None = None
    """Why it was refused."""
    text: str
    """For people."""
    status: Status
    """Of the claim, afterwards."""
    at: Instant
    """When the claim learned of the message."""


class Unreadable:
    """Stands for a payload that could not be decoded."""


def read(name: str, payloads: Sequence[object], rules: int = RULES) -> Message:
    """The message, or `Invalid` with every problem there is."""
    kind = MESSAGES.get(name)
    if kind is None:
        known = ", ".join(MESSAGES)
        raise Invalid([Problem("", f"{quoted(name)} is no message; there are {known}")])
    if len(payloads) != 1:
        raise Invalid([Problem("", f"{name} takes one JSON object, not {len(payloads)} payloads")])
    if not isinstance(payloads[0], dict):
        raise Invalid([Problem("", f"{name} takes one JSON object, and this is none")])
    try:
        return kind.model_validate(payloads[0], context=under(rules))
    except ValidationError as error:
        raise Invalid(problems(error)) from None


def id_in(payloads: Sequence[object]) -> str | None:
    """The sender's id, also of a message that cannot be read otherwise."""
    if len(payloads) != 1 or not isinstance(payloads[0], dict):
        return None
    found = cast("dict[str, object]", payloads[0]).get("id")
    if not isinstance(found, str):
        return None
    found = stripped(found)
    return found if 0 < len(found) <= 255 else None


def sender_in(payloads: Sequence[object], rules: int = RULES) -> By | None:
    """Who says it, also of a message that cannot be read otherwise."""
    if len(payloads) != 1 or not isinstance(payloads[0], dict):
        return None
    try:
        sent = cast("dict[str, object]", payloads[0]).get("by")
        return By.model_validate(sent, context=under(rules))
    except ValidationError:
        return None


def digest_of(name: str, payloads: Sequence[object]) -> str:
    """Tells the same message from another under the same id."""
    content = json.dumps([name, list(payloads)], sort_keys=True, default=lambda _: "unreadable")
    return hashlib.sha256(content.encode("utf-8", "replace")).hexdigest()
