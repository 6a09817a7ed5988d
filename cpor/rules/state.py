"""What is known of a claim, and what can be read off it. All of it can be dumped and loaded."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel

from cpor.rules.deadlines import ClockName, Clocks, Window
from cpor.rules.editions import BASE, EditableField, Edition, edition
from cpor.rules.effects import Debt, DebtKind, Recipient, plain
from cpor.rules.facts import (
    RULES,
    Activity,
    By,
    Contact,
    Customer,
    EvidenceFile,
    Instant,
    Partner,
    Product,
    Program,
    needs_technical_contact,
)
from cpor.rules.history import BOTH_SIDES, ROLE_NOT_CHECKED, Entry, Ground, Question, Sight
from cpor.rules.lifecycle import Audience, Status, Told
from cpor.rules.messages import Receipt

ROOM_OF_DEBT = 3000
"""What a mail will say about the claim itself, once it is written."""

Consent = Literal["none", "pending", "held", "lapsed", "declined"]
Eligibility = Literal["none", "sent", "eligible", "not_eligible", "recalled"]
WaitingFor = Literal["partner", "reviewer", "customer", "nobody"]

NOT_DISPUTABLE = frozenset({"customer_decline", "partner_request", "disassociated"})
"""Rejected for one of these, a claim is over at once."""


class Asked(BaseModel, use_attribute_docstrings=True):
    """The latest round of the consent notice to one contact."""

    notice_id: str
    """Claim, kind, round and recipient."""
    state: Literal["owed", "under way", "accepted", "refused"] = "owed"
    """`accepted` by the mail server, or `refused`."""


class Dispute(BaseModel, use_attribute_docstrings=True):
    """The partner's second chance, before somebody other than whoever decided first."""

    not_by: str | None
    """Who may not decide it."""
    justification: str | None = None
    """The partner's words."""
    decided: bool = False
    """Whether somebody has decided."""


class Answer(BaseModel):
    """A receipt, and how to tell the same message from another under its id."""

    receipt: Receipt
    digest: str


class State(BaseModel):
    rules: int = RULES
    claim_id: str
    name: str
    program: Program
    activity: Activity
    partner: Partner
    customer: Customer
    products: list[Product]
    evidence: list[EvidenceFile] = []

    status: Status = Status.EDITING
    consent: Consent = "none"
    eligibility: Eligibility = "none"
    reviewer: str | None = None
    judge: str | None = None
    """Who asked or rejected last: no second reviewer to that."""
    dispute: Dispute | None = None
    requests: list[Question] = []
    reasons: list[Ground] = []
    rejection_note: str | None = None

    asked_edition: str | None = None
    edition: str | None = None
    has_directory: bool = False
    has_portal: bool = False
    reviewers_have_addresses: bool = False
    """Whether the one assigned is written to beside the queue."""
    portal_knows: tuple[str, str, str] | None = None
    """Status, consent and eligibility as the portal was told last, or will have been."""
    portal_refused_at: Instant | None = None
    """When it refused an event for the first time."""
    clocks: Clocks = Clocks()

    first_submitted_at: Instant | None = None
    submitted_at: Instant | None = None
    approved_at: Instant | None = None
    notice_accepted_at: Instant | None = None
    official_since: Instant | None = None
    handed_off_at: Instant | None = None
    ended_at: Instant | None = None

    debts: list[Debt] = []
    rounds: dict[str, int] = {}
    asked: dict[Recipient, Asked] = {}
    escalate_at: Instant | None = None
    handed_over: Mapping[str, Any] = {}
    """The event as it was sent, taken or not: a recall says the same again."""
    recall_for: str | None = None
    """Why what is handed over must be recalled, once it was taken."""
    arrivals: dict[str, Instant] = {}
    history: list[Entry] = []
    receipts: dict[str, Answer] = {}
    unnamed: int = 0
    unkept: int = 0
    recorded_up_to: int = 0
    room_taken: int = 0
    room_of_refusals: int = 0

    # Read off

    @property
    def rules_in_force(self) -> Edition:
        return edition(self.edition or self.asked_edition or BASE)

    def window(self, clock: ClockName) -> Window:
        return self.rules_in_force.window(clock)

    @property
    def editable(self) -> list[EditableField]:
        """The fields the partner may edit now."""
        fields = list(self.rules_in_force.editable_in(self.status))
        if self.status is not Status.APPROVED:
            return fields
        if not self.consent_is_open:
            return [field for field in fields if field == "evidence"]
        arrived = {who for who, asked in self.asked.items() if asked.state == "accepted"}
        if "contact" in arrived:
            fields.remove("customer_contact")
        if "technical_contact" in arrived:
            fields.remove("technical_contact")
        if arrived:
            fields.remove("partner_contact")
        return fields

    @property
    def waiting_for(self) -> WaitingFor:
        match self.status:
            case Status.EDITING | Status.PARTNER_ACTION:
                return "partner"
            case Status.SUBMITTED | Status.UNDER_REVIEW | Status.DISPUTED:
                return "reviewer"
            case Status.APPROVED if self.consent == "pending":
                return "customer"
            case Status.APPROVED if self.consent == "held":
                return "partner"
            case Status.REJECTED if self.may_be_disputed:
                return "partner"
            case _:
                return "nobody"

    @property
    def deadline(self) -> datetime | None:
        """The next one that somebody can miss."""
        running = self.clocks.running()
        return running[0].end if running else None

    @property
    def is_overdue(self) -> bool:
        """A reviewers' clock ran out."""
        return any(
            clock.state == "ran_out" and clock.window.side == "reviewer"
            for clock in self.clocks.ledger
        )

    @property
    def owes_late(self) -> bool:
        return any(debt.state != "owed" for debt in self.debts)

    @property
    def consent_is_open(self) -> bool:
        """The customer is being asked, and may still say no."""
        return self.consent in ("pending", "held")

    @property
    def is_official(self) -> bool:
        """The association counts."""
        return self.consent == "lapsed" and self.status is Status.APPROVED

    @property
    def is_disputable(self) -> bool:
        """By its reasons; whether there is still time is another question."""
        return not NOT_DISPUTABLE & {each.reason for each in self.reasons}

    @property
    def may_be_disputed(self) -> bool:
        """Rejected, and the partner may still object."""
        return self.status is Status.REJECTED and self.ended_at is None

    @property
    def in_dispute(self) -> bool:
        return self.dispute is not None and not self.dispute.decided

    @property
    def is_first_submission(self) -> bool:
        """Nobody has asked for more yet, and the reviewers have not been told."""
        untold = any(debt.notice == "to_review" and not debt.begun for debt in self.debts)
        return self.clocks.latest("answer") is None and untold

    @property
    def has_unsent_changes(self) -> bool:
        """The partner did something about the last request, and has not submitted it."""
        for entry in reversed(self.history):
            if entry.what in ("edit", "add_evidence"):
                return self.status in (Status.EDITING, Status.PARTNER_ACTION)
            if entry.what in ("submit", "request_info", "opened") or "status" in entry.changes:
                return False
        return False

    @property
    def is_being_asked_about(self) -> bool:
        """The directory has not answered yet, and it is too early to call that silence."""
        waiting = [debt for debt in self.debts if debt.kind == "directory"]
        return self.has_directory and any(debt.state == "owed" for debt in waiting)

    @property
    def payable(self) -> list[Debt]:
        """What may be paid now.

        Of a submission nobody is told before the directory's answer; the portal hears of one change
        after the other; who asked for a pause gets it.
        """
        asking = self.is_being_asked_about
        next_event = next((debt for debt in self.debts if debt.kind == "event"), None)
        return [
            debt
            for debt in self.debts
            if debt.state != "parked"
            and debt.rests_until is None
            and not (asking and debt.is_announcement and not debt.begun)
            and not (debt.kind == "event" and debt is not next_event)
        ]

    @property
    def is_at_rest(self) -> bool:
        """Nothing is tried for the first time; what is late may be taken up anywhere."""
        fresh = [debt for debt in self.payable if debt.state == "owed"]
        return all(debt.kind == "record" and not debt.begun for debt in fresh)

    @property
    def is_settled(self) -> bool:
        """Nothing more can happen and all is paid, but for the record of just that."""
        return self.ended_at is not None and all(debt.kind == "record" for debt in self.debts)

    @property
    def is_over(self) -> bool:
        return self.is_settled and not self.debts and self.recorded_up_to == len(self.history)

    @property
    def customer_was_asked(self) -> bool:
        """A consent notice arrived, or may have."""
        return any(asked.state in ("under way", "accepted") for asked in self.asked.values())

    def contact(self, recipient: Recipient) -> Contact | None:
        match recipient:
            case "partner":
                return self.partner.contact
            case "contact":
                return self.customer.contact
            case "technical_contact":
                return self.customer.technical_contact
            case _:
                return None

    def recipients(self, audience: Audience, by: By) -> list[Recipient]:
        match audience:
            case "customer":
                both = needs_technical_contact(self.program)
                return ["contact", "technical_contact"] if both else ["contact"]
            case "other side":
                return self.reviewing if by.role == "partner" else ["partner"]
            case "incentive engine" | "directory":
                return []
            case "reviewers":
                return self.reviewing
            case "partner" | "lead" | "operators":
                return [audience]

    @property
    def reviewing(self) -> list[Recipient]:
        """The queue, and whoever has the claim."""
        has_own = self.reviewers_have_addresses and self.reviewer is not None
        return ["reviewers", "reviewer"] if has_own else ["reviewers"]

    # Written down

    def note(
        self,
        what: str,
        text: str,
        by: By,
        now: datetime,
        changes: Mapping[str, Any] | None = None,
        sight: tuple[Sight, ...] = BOTH_SIDES,
    ) -> None:
        entry = Entry(
            seq=len(self.history) + 1,
            at=now,
            by=by,
            what=what,
            text=text,
            changes=changes or {},
            remark=ROLE_NOT_CHECKED if by.role == "partner" and not by.partner_role else None,
            sight=sight,
            before=self.history[-1].hash if self.history else None,
        )
        self.history.append(entry)
        self.room_taken += len(entry.model_dump_json().encode())

    def owe(self, debt: Debt) -> None:
        debt.room = ROOM_OF_DEBT + len(debt.model_dump_json())
        self.debts.append(debt)

    def owe_notice(
        self, told: Told, recipient: Recipient, now: datetime, facts: Mapping[str, Any]
    ) -> Debt:
        debt = Debt(
            id=f"{self._numbered(told, recipient)}.{recipient}",
            kind="notice",
            since=now,
            notice=told,
            recipient=recipient,
            facts=plain(facts),
        )
        self.owe(debt)
        return debt

    def owe_effect(
        self, kind: DebtKind, name: str, now: datetime, facts: Mapping[str, Any] | None = None
    ) -> None:
        self.owe(Debt(id=self._numbered(name), kind=kind, since=now, facts=plain(facts or {})))

    def owe_seal(self, now: datetime) -> None:
        waiting = [file.sha256 for file in self.evidence if file.state == "received"]
        under_way = {
            sha256 for debt in self.debts if debt.kind == "seal" for sha256 in debt.facts["files"]
        }
        if fresh := [sha256 for sha256 in waiting if sha256 not in under_way]:
            self.owe_effect("seal", "seal", now, {"files": fresh})

    def may_have_sent(self, notice_id: str) -> bool:
        """Whether this is the id of a notice, also of one that is void by now."""
        claim_id, _, rest = notice_id.partition(".")
        told, number, recipient = (*rest.split("."), "", "", "")[:3]
        latest = self.rounds.get(f"{told}.{recipient}", 0)
        known = {f"{claim_id}.{told}.{each}.{recipient}" for each in range(1, latest + 1)}
        debt = self.debt(notice_id)
        was_tried = debt is None or debt.begun
        return claim_id == self.claim_id and bool(number) and notice_id in known and was_tried

    def is_latest_consent_notice(self, notice_id: str) -> bool:
        return any(asked.notice_id == notice_id for asked in self.asked.values())

    def rejected_for(self, reasons: list[Ground], note: str | None = None) -> None:
        self.reasons, self.rejection_note, self.requests = reasons, note, []

    def debt(self, debt_id: str) -> Debt | None:
        return next((debt for debt in self.debts if debt.id == debt_id), None)

    def cross_off(self, *debt_ids: str) -> None:
        self.debts = [debt for debt in self.debts if debt.id not in debt_ids]

    def _numbered(self, name: str, recipient: str = "") -> str:
        counter = f"{name}.{recipient}" if recipient else name
        self.rounds[counter] = self.rounds.get(counter, 0) + 1
        return f"{self.claim_id}.{name}.{self.rounds[counter]}"
