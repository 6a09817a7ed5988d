"""What a claim may owe the world: the activities' names, what goes in and what comes back.

A claim writes down what it owes; somebody pays; the result is crossed off. Each effect has an id
made from claim, kind, round and recipient: paid twice, the receiver sees the same id twice.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, SerializerFunctionWrapHandler, model_serializer
from pydantic_core import to_jsonable_python

from cpor.rules.deadlines import Calendar, Calendars, Window
from cpor.rules.errors import shortened
from cpor.rules.facts import Activity, FileState, Instant, Product, Program
from cpor.rules.lifecycle import Told

Recipient = Literal[
    "partner", "reviewers", "reviewer", "contact", "technical_contact", "lead", "operators"
]
DebtKind = Literal["notice", "seal", "directory", "hand_off", "recall", "event", "record"]
DebtState = Literal["owed", "late", "parked"]

PIN_RULES = "pin_rules"
ACTIVITY_OF: Mapping[DebtKind, str] = {
    "notice": "send_notice",
    "seal": "seal_evidence",
    "directory": "ask_directory",
    "hand_off": "hand_off",
    "recall": "hand_off",
    "event": "send_event",
    "record": "keep_record",
}


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
    """One mail to one recipient. `to` is None where only a setting knows the address."""

    notice_id: str
    claim_id: str
    kind: Told
    recipient: Recipient
    to: Address | None = None
    reviewer: str | None = None
    """The id of the one it is for, where it is for a single reviewer."""
    facts: Mapping[str, Any] = {}
    promise: Promise | None = None

    @model_serializer(mode="wrap")
    def _without_nothing(self, whole: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """What is not there takes no room in the histories of years."""
        return {name: value for name, value in whole(self).items() if value is not None}


class NoticeResult(BaseModel):
    """The mail server's last word. A temporary refusal is no result: it is tried again.

    `unaddressed`: nothing was sent, because the reviewer has no address of their own.
    """

    outcome: Literal["accepted", "refused", "unaddressed"]
    at: Instant
    detail: str = ""
    printed_end: Instant | None = None


class FileToSeal(BaseModel):
    sha256: str
    size: int


class Seal(BaseModel):
    claim_id: str
    files: list[FileToSeal]


class SealResult(BaseModel):
    states: Mapping[str, FileState]


class DirectoryQuestion(BaseModel):
    """Facts that only the vendor's directory can confirm."""

    id: str
    claim_id: str
    program: Program
    activity: Activity
    mpn_id: str
    tenant_id: str
    domain: str
    products: list[Product]


class DirectoryResult(BaseModel):
    """`problems` says in the directory's own words why not; `detail` why nothing was learned."""

    outcome: Literal["confirmed", "refused", "not checked"]
    at: Instant
    problems: list[str] = []
    detail: str = ""


class HandOff(BaseModel):
    """A CloudEvent to be delivered."""

    id: str
    type: str
    subject: str
    time: Instant
    data: Mapping[str, Any]


class HandOffResult(BaseModel):
    outcome: Literal["taken", "refused"]
    at: Instant
    detail: str = ""


class Record(BaseModel):
    """`run` tells records of one claim from those of another that took its id."""

    claim_id: str
    run: str
    record: Mapping[str, Any]


class RecordResult(BaseModel):
    outcome: Literal["kept", "refused"]
    at: Instant
    detail: str = ""


class PinQuestion(BaseModel):
    """Asked at first submission, and again when the days that are known run short."""

    at: Instant
    edition: str | None
    partner_country: str
    customer_country: str


class PinnedRules(BaseModel):
    edition: str
    calendars: Calendars
    directory: bool = False
    """Whether there is a directory to be asked."""
    portal: bool = False
    """Whether the portal wants to be told of changes."""
    reviewers: bool = False
    """Whether reviewers may have addresses of their own."""


Payment = Notice | Seal | DirectoryQuestion | HandOff | Record
Result = NoticeResult | SealResult | DirectoryResult | HandOffResult | RecordResult
RESULT_OF: Mapping[DebtKind, type[Result]] = {
    "notice": NoticeResult,
    "seal": SealResult,
    "directory": DirectoryResult,
    "hand_off": HandOffResult,
    "recall": HandOffResult,
    "event": HandOffResult,
    "record": RecordResult,
}


def plain(facts: Mapping[str, Any]) -> Mapping[str, Any]:
    """As JSON would have them: what is dumped and loaded stays the same."""
    return to_jsonable_python(facts)


def in_short(answer: str) -> str:
    """What the world answered, without the addresses that mail servers like to repeat."""
    return shortened(_ADDRESS.sub("(address)", answer[:1000]))


_ADDRESS = re.compile(r"[^\s<>@]+@[^\s<>@]+")


class Debt(BaseModel):
    """Something owed and not yet paid."""

    id: str
    kind: DebtKind
    since: Instant
    state: DebtState = "owed"
    begun: bool = False
    """Whether it was ever tried: from then on it may have reached the world."""
    last_answer: str | None = None
    parked_at: Instant | None = None
    rests_until: Instant | None = None
    """Whoever is to take it asked to be left alone so long."""
    notice: Told | None = None
    recipient: Recipient | None = None
    facts: Mapping[str, Any] = {}
    room: int = 0
    """What it takes up until it is paid, in bytes."""

    @property
    def is_announcement(self) -> bool:
        """Tells that the claim was submitted."""
        return self.notice in ("submitted", "to_review")

    @property
    def label(self) -> str:
        """What operators read beside the activity."""
        match self.kind:
            case "notice":
                words = (self.notice or "").replace("info_", "information_").replace("_", " ")
                who = (self.recipient or "").replace("_", " ")
                who = f"customer's {who}" if "contact" in who else who
                return f"mail: {words} → {who}"
            case "seal":
                return "proof files: check and seal"
            case "directory":
                return "vendor's directory: ask"
            case "hand_off":
                return "hand-off → incentive engine"
            case "recall":
                return "recall → incentive engine"
            case "event":
                return "event → portal"
            case "record":
                return "record → store"
