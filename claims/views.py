"""What the queries return. Clients rely on these shapes: fields may be added, never renamed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from pydantic_core import to_jsonable_python

from claims.chain import sealed
from claims.deadlines import Calendar, Clock, Pause, Skipped
from claims.editions import EditableField
from claims.effects import DebtKind, DebtState
from claims.errors import Invalid, Problem
from claims.facts import (
    Activity,
    By,
    Customer,
    EvidenceFile,
    Instant,
    Partner,
    Product,
    Program,
    problems,
)
from claims.history import Ground, Question, Sight
from claims.lifecycle import Status, Told
from claims.messages import Receipt
from claims.state import Consent, Dispute, Eligibility, State, WaitingFor

MOST_ENTRIES = 1000


class Owed(BaseModel):
    id: str
    kind: DebtKind
    notice: Told | None
    since: Instant
    state: DebtState
    last_answer: str | None


class ClaimView(BaseModel):
    """Everything known of a claim."""

    claim_id: str
    name: str
    program: Program
    activity: Activity
    partner: Partner
    customer: Customer
    products: list[Product]
    evidence: list[EvidenceFile]
    status: Status
    consent: Consent
    eligibility: Eligibility
    waiting_for: WaitingFor
    reviewer: str | None
    deadline: Instant | None
    overdue: bool
    edition: str | None
    requests: list[Question]
    reasons: list[Ground]
    dispute: Dispute | None = None
    first_submitted_at: Instant | None
    submitted_at: Instant | None
    approved_at: Instant | None
    notice_accepted_at: Instant | None
    official_since: Instant | None
    handed_off_at: Instant | None
    ended_at: Instant | None
    owed: list[Owed]
    editable: list[EditableField]


class EntryView(BaseModel):
    seq: int
    at: Instant
    by: By
    what: str
    text: str
    changes: Mapping[str, Any]
    remark: str | None = None
    before: str | None = None


class ClockView(BaseModel):
    """One clock and the sum that led to its end."""

    clock: str
    state: str
    started_at: Instant | None
    rule: str
    edition: str
    calendar: str
    zone: str
    counted: list[date]
    skipped: list[Skipped]
    pauses: list[Pause]
    extended: int
    promised: Instant | None = None
    end: Instant | None


class HistoryQuestion(BaseModel):
    model_config = ConfigDict(extra="forbid")

    side: Sight
    after: int = Field(default=0, ge=0)
    limit: int = Field(default=200, ge=1, le=MOST_ENTRIES)


def view(claim: State) -> ClaimView:
    own = {
        name: getattr(claim, name)
        for name in ClaimView.model_fields
        if name not in ("owed", "overdue")
    }
    owed = [
        Owed(
            id=debt.id,
            kind=debt.kind,
            notice=debt.notice,
            since=debt.since,
            state=debt.state,
            last_answer=debt.last_answer,
        )
        for debt in claim.debts
    ]
    return ClaimView.model_construct(**own, owed=owed, overdue=claim.is_overdue)


def history(claim: State, payloads: Sequence[object]) -> list[EntryView]:
    """The entries one side may see, oldest first."""
    try:
        asked = HistoryQuestion.model_validate(*payloads)
    except TypeError:
        raise Invalid(
            [Problem("", 'history takes one object such as {"side": "partner"}')]
        ) from None
    except ValidationError as error:
        raise Invalid(problems(error)) from None
    seen = [
        entry for entry in claim.history if asked.side in entry.sight and entry.seq > asked.after
    ]
    return [EntryView(**dict(entry)) for entry in seen[: asked.limit]]


def deadlines(claim: State) -> list[ClockView]:
    return [clock_view(clock, claim.clocks.calendar_of(clock)) for clock in claim.clocks.ledger]


def clock_view(clock: Clock, calendar: Calendar) -> ClockView:
    return ClockView(
        clock=clock.clock,
        state=clock.state,
        started_at=clock.started_at,
        rule=str(clock.window),
        edition=clock.edition,
        calendar=calendar.name,
        zone=calendar.zone,
        counted=clock.counted,
        skipped=clock.skipped,
        pauses=clock.pauses,
        extended=clock.extended,
        promised=clock.promised,
        end=clock.end,
    )


def receipt(claim: State, payloads: Sequence[object]) -> Receipt | None:
    """What a message was answered; None where it never arrived."""
    if len(payloads) != 1 or not isinstance(payloads[0], str):
        raise Invalid([Problem("", "receipt takes one text, the id of the message")])
    answer = claim.receipts.get(payloads[0].strip())
    return answer and answer.receipt


def record(claim: State) -> Mapping[str, Any]:
    """The whole claim as it is kept when the engine has forgotten it."""
    known = view(claim)
    # The record's own debt is paid by the time anybody reads it.
    known.owed = [debt for debt in known.owed if debt.kind != "record"]
    return sealed(
        {
            **known.model_dump(mode="json"),
            "history": [entry.model_dump(mode="json") for entry in claim.history],
            "receipts": [each.receipt.model_dump(mode="json") for each in claim.receipts.values()],
            "deadlines": [clock.model_dump(mode="json") for clock in deadlines(claim)],
            "notices": to_jsonable_python(claim.arrivals),
        }
    )
