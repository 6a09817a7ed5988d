"""What the queries return. Clients rely on these shapes: fields may be added, never renamed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, cast, get_args

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import to_jsonable_python

from cpor.rules import contacts
from cpor.rules.associations.calls import Earlier, Rival
from cpor.rules.characters import stripped
from cpor.rules.clock_view import ClockView, clock_view
from cpor.rules.contacts import CustomersContact, WhyUnconfirmed
from cpor.rules.debt import DebtKind, DebtState
from cpor.rules.doubts import Doubt
from cpor.rules.editions import EditableField, edition
from cpor.rules.effects.notice import NoticeDebt
from cpor.rules.envelope import key_of
from cpor.rules.errors import Invalid, Problem
from cpor.rules.facts import (
    Activity,
    By,
    Customer,
    EvidenceFile,
    Instant,
    Partner,
    Product,
    Program,
    Role,
)
from cpor.rules.history import Ground, Question, Sight, changed_since
from cpor.rules.last_look import claimed_before, reviewed_at
from cpor.rules.lifecycle import Status, Told
from cpor.rules.messages import Receipt
from cpor.rules.possible import Possible, possible
from cpor.rules.proof import ProofMode
from cpor.rules.proof_sheet import Claimed, LookedInto, SheetInShort
from cpor.rules.reading import read
from cpor.rules.shapes import MessageId
from cpor.rules.state import (
    Asked,
    Consent,
    DirectoryAnswer,
    Dispute,
    Eligibility,
    State,
    WaitingFor,
)

if TYPE_CHECKING:
    from cpor.rules.debts import AnyDebt

MOST_ENTRIES = 1000


class Owed(BaseModel):
    """A mail or another effect that is not yet paid."""

    id: str
    """Its own, the same however often it is tried."""
    kind: DebtKind
    """What is owed."""
    notice: Told | None
    """Which mail, where it is one."""
    label: str
    """In words, as in Temporal's UI."""
    since: Instant
    """When it came to be owed."""
    state: DebtState
    """`late`: tried on, slowly; `parked`: refused for good, until an operator sends `retry`."""
    last_answer: str | None
    """The last that reached the claim; what goes on beneath, the engine knows."""
    next_try: Instant | None = None
    """The end of a pause that was asked for."""
    waits: bool = False
    """Whether something else has to happen first: a confirmation, an answer, a check."""


class ClaimView(BaseModel):
    """Everything known of a claim."""

    claim_id: str
    """Also the id of its workflow."""
    key: str | None = None
    """Its sender's own."""
    name: str
    """What people call it."""
    program: Program
    activity: Activity
    partner: Partner
    customer: Customer
    products: list[Product]
    """What is claimed."""
    evidence: list[EvidenceFile]
    """Proof files."""
    status: Status
    """Where it stands."""
    consent: Consent
    """The customer's: `pending` from approval on, `held` while the notice does not arrive."""
    eligibility: Eligibility
    """`sent` once the incentive engine took the hand-off."""
    waiting_for: WaitingFor
    """Who must act."""
    reviewer: str | None
    """The account that reviews."""
    changed_since: Instant | None = None
    """When partner or customer first said what the reviewer may not have read: after all that this
    account said. Null where there is no such thing, and before the reviewer's first word."""
    reviewed_at: Instant | None = None
    """When a reviewer last said something; a proof file that was added later is new to them."""
    claimed_before: Claimed | None = None
    """What was claimed then, as far as proof has to show it; null where it is the same now."""
    deadline: Instant | None
    """The next one that can be missed; null until the rules are pinned."""
    overdue: bool
    """A clock that binds whoever must act now has run out."""
    late_since: Instant | None = None
    """When the first of those ran out."""
    missed: int = 0
    """How many of the reviewers' clocks ran out, in all its life; `deadlines` has each."""
    edition: str | None
    """Which rules hold; null until they are pinned, a moment after the first submission."""
    requests: list[Question]
    """What the partner is asked for, until answered."""
    reasons: list[Ground]
    """Why it is rejected; the history keeps them."""
    dispute: Dispute | None = None
    """The partner's second chance, where it was taken."""
    first_submitted_at: Instant | None
    """When it was submitted for the first time."""
    submitted_at: Instant | None
    """When it was submitted last."""
    approved_at: Instant | None
    """When it was approved last."""
    notice_accepted_at: Instant | None
    """When the customer's mail server took the notice: the consent window began."""
    official_since: Instant | None
    """When the consent window was over without a no."""
    handed_off_at: Instant | None
    """When the incentive engine took it."""
    ended_at: Instant | None
    """Since when nothing more can happen."""
    owed: list[Owed]
    """What is not yet paid."""
    directory: DirectoryAnswer = "none"
    """What the vendor's directory says; `changed`: not confirmed since a change of what it was
    asked about."""
    rivals: list[Rival] = []
    """For reviewers: other claims that hold items of this one, or ask for them. Of more than twenty
    these are those that hold, and that were submitted first."""
    more_rivals: int = 0
    """How many there are beside these."""
    earlier: list[Earlier] = []
    """For reviewers: claims about the same items that are over, the same partner's noes first."""
    awaits_award: bool = False
    """Approved, but it is not known yet whether another claim was faster: nobody is told before."""
    proof_unchecked: bool = False
    """Approved, but the store has not looked at all files yet: nobody is told before."""
    unconfirmed: dict[CustomersContact, list[WhyUnconfirmed]] = {}
    """Contacts of the customer who get no notice before a reviewer has confirmed them, and why."""
    doubts: list[Doubt] = []
    """What speaks against the approved claim, and what reviewers answered."""
    sheet: SheetInShort | None = None
    """What a program found in the proof, in short; null before, and where it does not look."""
    editable: list[EditableField]
    """What the partner may edit now."""
    proofs: ProofMode = "off"
    """What was held of unsigned messages when it was opened; `require`: they are refused."""
    asked: dict[CustomersContact, Asked] = {}
    """The latest notice to each of the customer's contacts, and what became of it."""
    possible: list[Possible] = []
    """What may be said now, and by whom; nothing to a claim that is over."""


class EntryView(BaseModel):
    """One entry of the history."""

    seq: int
    """Its number, from 1 on; one side may not see them all."""
    at: Instant
    """When the claim learned of it."""
    by: By
    """Who did it."""
    what: str
    """For programs: the message's name, or what else happened."""
    text: str
    """For people."""
    changes: Mapping[str, Any]
    """By field, before and after."""
    remark: str | None = None
    """What could not be checked."""
    signed_by: str | None = None
    """The key that proved who did it, or `unsigned`; null where that is not asked for."""
    before: str | None = None
    """The hash of the entry before it in the whole history."""


class HistoryQuestion(BaseModel):
    """What the query `history` is asked."""

    model_config = ConfigDict(extra="forbid")

    side: Sight
    """Whose eyes it is for."""
    after: int = Field(default=0, ge=0)
    """Only entries with a larger `seq`."""
    limit: int = Field(default=200, ge=1, le=MOST_ENTRIES)
    """At most this many, the oldest first."""


class ReceiptQuestion(BaseModel):
    """What the query `receipt` is asked, where an id alone may not tell."""

    model_config = ConfigDict(extra="forbid")

    id: MessageId
    """The message's."""
    role: Role | None
    """Its sender's; null where the message named none."""


def view(claim: State) -> ClaimView:
    read_off: dict[str, Any] = {
        "owed": [_owed(claim, debt) for debt in claim.debts],
        "changed_since": changed_since(claim.history, claim.reviewer),
        "reviewed_at": reviewed_at(claim.history),
        "claimed_before": claimed_before(claim),
        "overdue": claim.is_overdue,
        "unconfirmed": dict(contacts.unconfirmed(claim)),
        "rivals": claim.items.rivals,
        "more_rivals": claim.items.more_rivals,
        "earlier": claim.items.earlier,
        "possible": possible(claim),
    }
    own = {name: getattr(claim, name) for name in ClaimView.model_fields if name not in read_off}
    return ClaimView.model_construct(**own, **read_off)


def _owed(claim: State, debt: AnyDebt) -> Owed:
    return Owed(
        id=debt.id,
        kind=debt.kind,
        notice=debt.notice if isinstance(debt, NoticeDebt) else None,
        label=debt.label,
        since=debt.since,
        state=debt.state,
        last_answer=debt.last_answer,
        next_try=debt.paused_until,
        waits=debt.must_wait(claim),
    )


def may_be_declined(claim: ClaimView) -> bool:
    """Whether a no by the newest link is in time."""
    return claim.consent in ("pending", "held") or counts_later(claim)


def counts_later(claim: ClaimView) -> bool:
    """Whether a no counts after the time to decline, too."""
    return claim.edition is not None and edition(claim.edition).decline_after_consent


def history(claim: State, payloads: Sequence[object]) -> list[EntryView]:
    """The entries one side may see, oldest first."""
    if len(payloads) != 1:
        raise Invalid([Problem("", 'history takes one object such as {"side": "partner"}')])
    asked = read(HistoryQuestion, payloads[0])
    seen = [
        entry for entry in claim.history if asked.side in entry.sight and entry.seq > asked.after
    ]
    return [EntryView(**dict(entry)) for entry in seen[: asked.limit]]


def deadlines(claim: State) -> list[ClockView]:
    """None until the rules are pinned, which say how long each is and which days count."""
    if claim.edition is None:
        return []
    return [clock_view(clock, claim.clocks.calendar_of(clock)) for clock in claim.clocks.ledger]


def receipt(claim: State, payloads: Sequence[object]) -> Receipt | None:
    """What a message was answered; None where it never arrived."""
    asked: Any = payloads[0] if len(payloads) == 1 else None
    if isinstance(asked, str):
        return _the_only_one(claim, stripped(asked))
    if not isinstance(asked, dict):
        text = "receipt takes one text, the id of the message, or an object with its id and role"
        raise Invalid([Problem("", text)])
    which = read(ReceiptQuestion, cast("object", asked))
    answer = claim.receipts.get(key_of(which.role, which.id))
    return answer and answer.receipt


def _the_only_one(claim: State, message_id: str) -> Receipt | None:
    keys = (key_of(role, message_id) for role in (None, *get_args(Role)))
    found = [claim.receipts[key] for key in keys if key in claim.receipts]
    if len(found) > 1:
        roles = " and ".join(each.receipt.role or "nobody" for each in found)
        text = f'is of more than one message, by {roles}; ask for {{"id": "…", "role": "…"}}'
        raise Invalid([Problem("id", text)])
    return found[0].receipt if found else None


def looked_into(claim: State | ClaimView) -> LookedInto:
    files = [file for file in claim.evidence if file.state != "withdrawn"]
    return LookedInto(files=files, sheet=claim.sheet)


def record(claim: State) -> Mapping[str, Any]:
    """The whole claim as it is kept, sealed, when the engine has forgotten it."""
    known = view(claim)
    # The record's own debt is paid by the time anybody reads it, and a record hears nothing.
    known.owed, known.possible = [debt for debt in known.owed if debt.kind != "record"], []
    return {
        **known.model_dump(mode="json"),
        "history": [entry.written for entry in claim.history],
        "receipts": [each.receipt.model_dump(mode="json") for each in claim.receipts.values()],
        "deadlines": [clock.model_dump(mode="json") for clock in deadlines(claim)],
        "events": [news.model_dump(mode="json") for news in claim.news],
        "notices": to_jsonable_python({of: each.at for of, each in claim.arrivals.items()}),
    }
