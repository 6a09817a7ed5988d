"""What is known of a claim, and what can be read off it. All of it can be dumped and loaded.

Nothing here changes anything: the smallest changes are in `bookkeeping.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any, Literal

from pydantic import BaseModel, Field

from cpor.rules import contacts, doubts
from cpor.rules.contacts import Addresses
from cpor.rules.deadlines import Clock, ClockName, Clocks, Window
from cpor.rules.doubts import Doubt
from cpor.rules.editions import BASE, EditableField, Edition, edition
from cpor.rules.facts import (
    RULES,
    Activity,
    Customer,
    EvidenceFile,
    Instant,
    Partner,
    Product,
    Program,
)
from cpor.rules.history import Entry, Ground, Question
from cpor.rules.items_known import Items
from cpor.rules.lifecycle import Recipient, Status, lifecycle
from cpor.rules.messages import Receipt
from cpor.rules.news import News
from cpor.rules.places import ListedPlace, Party, Place
from cpor.rules.proof import ProofMode
from cpor.rules.proof_sheet import SheetInShort

if TYPE_CHECKING:
    # Debts change the state that they are part of, so pydantic learns of them in `debts`.
    from cpor.rules.debts import AnyDebt

Consent = Literal["none", "pending", "held", "lapsed", "declined"]
Eligibility = Literal["none", "sent", "eligible", "not_eligible", "recalled"]
WaitingFor = Literal["partner", "reviewer", "customer", "nobody"]
DirectoryAnswer = Literal["none", "asked", "changed", "confirmed", "not_confirmed", "not_checked"]

CHANGES = ("edit", "add_evidence", "withdraw_evidence")
"""By these the partner changes what the reviewers look at."""
AT_FIRST = (Status.EDITING.value, "none", "none")
"""Status, consent and eligibility of every claim when it is opened: no news to anybody."""
NOT_DISPUTABLE = frozenset(
    {"customer_decline", "partner_request", "disassociated", "association_ended"}
)
"""Rejected for one of these, a claim is over at once."""


class Asked(BaseModel):
    """The latest round of the consent notice to one contact."""

    notice_id: str
    """Claim, kind, round and recipient."""
    state: Literal["owed", "under way", "accepted", "refused"] = "owed"
    """`accepted` by the mail server, or `refused`."""


class Arrival(BaseModel):
    """A mail server has taken a notice."""

    at: Instant
    token_digest: str
    """Of the token that a report on it brings; the token itself is in no claim and no history."""


class Dispute(BaseModel):
    """The partner's second chance. Another reviewer decides than the first time."""

    not_by: str | None
    """Who may not decide it."""
    justification: str | None = None
    """The partner's words."""
    decided: bool = False
    """Whether it has been decided."""


class Answer(BaseModel):
    """A receipt, and how to tell the same message from another under its id."""

    receipt: Receipt
    digest: str


class State(BaseModel):
    rules: int = RULES
    claim_id: str
    key: str | None = None
    """Its sender's own."""
    name: str
    proofs: ProofMode = "off"
    """As it was when the claim was opened, for all its life."""
    started_at: Instant | None = None
    """When the engine was asked for it, which a worker may hear later. Only where proofs are asked
    for: what was signed before is for an earlier claim of this id."""
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
    directory: DirectoryAnswer = "none"
    listed_name: str | None = None
    """The partner's name in the vendor's directory: mails say it in place of its own."""
    listed_places: dict[Party, ListedPlace] = {}
    """Where partner and customer are, as the vendor's directory says."""
    pinned_places: dict[Party, Place] = {}
    """The places whose days are known."""
    has_portal: bool | None = None
    """Whether the portal is told of changes; None until the rules are pinned: news wait so long."""
    result_days: int = 0
    """Business days after which the incentive engine is asked for its result again; 0: never."""
    one_holder: bool = False
    """Whether its items have one holder, and it asks for them."""
    items: Items = Field(default_factory=Items)
    proof_at: Instant | None = None
    """When its newest proof came."""
    looks: bool = False
    """Whether its proof files are looked into."""
    looked_at: str | None = None
    """A digest of what the last look was about."""
    sheet: SheetInShort | None = None
    reviewers_have_addresses: bool = False
    """Whether the assigned reviewer gets mails too, not only the queue."""
    news: list[News] = []
    """All that a portal is to know, whether there is one or not."""
    portal_knows: tuple[str, str, str] = AT_FIRST
    """Status, consent and eligibility as the last of the news has them."""
    portal_refused_at: Instant | None = None
    """When it refused an event for the first time."""
    clocks: Clocks = Field(default_factory=Clocks)

    first_submitted_at: Instant | None = None
    submitted_at: Instant | None = None
    approved_at: Instant | None = None
    notice_accepted_at: Instant | None = None
    official_since: Instant | None = None
    handed_off_at: Instant | None = None
    result_due_at: Instant | None = None
    """When the incentive engine is asked again, if it has not answered."""
    ended_at: Instant | None = None

    debts: list[AnyDebt] = []
    rounds: dict[str, int] = {}
    asked: dict[Recipient, Asked] = {}
    escalate_at: Instant | None = None
    tell_again_at: Instant | None = None
    """When the lead hears once more that nobody acts, though no clock runs."""
    contacts_submitted: Addresses | None = None
    contacts_confirmed: Addresses = Field(default_factory=Addresses)
    doubts: list[Doubt] = []
    decided: list[str] = []
    """Conflicts with the store that an operator has settled: what was found then."""
    proof_unchecked: bool = False
    """Approved, but the store has not looked at all files: nobody is told yet."""
    handed_over: Mapping[str, Any] = {}
    """The event as it was sent, taken or not: a recall says the same again."""
    handed_over_as: str = ""
    """The id of that event."""
    recall_for: str | None = None
    """Why what is handed over must be recalled, once it was taken."""
    arrivals: dict[str, Arrival] = {}
    history: list[Entry] = []
    receipts: dict[str, Answer] = {}
    """By role and id."""
    unnamed: int = 0
    unkept: int = 0
    recorded_up_to: int = 0
    last_no: int = 0
    """The number of the customer's last no in the history."""
    room_kept: int = 0
    """The size of history, receipts and arrivals as they are dumped."""
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
        closed: dict[EditableField, bool] = {
            "customer_contact": "contact" in arrived,
            "technical_contact": "technical_contact" in arrived,
            "partner_contact": bool(arrived),
        }
        return [field for field in fields if not closed.get(field)]

    @property
    def waiting_for(self) -> WaitingFor:
        match self.status:
            case Status.EDITING | Status.PARTNER_ACTION:
                return "partner"
            case Status.SUBMITTED | Status.UNDER_REVIEW | Status.DISPUTED:
                return "reviewer"
            case Status.APPROVED if doubts.open_doubts(self) or self.must_confirm_contacts:
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
        """The next one that can be missed."""
        running = self.clocks.running()
        return self.end_of(running[0]) if running else None

    def end_of(self, clock: Clock) -> datetime | None:
        """None until the rules are pinned: nobody knows yet which days count."""
        return clock.end if self.edition is not None else None

    @property
    def late_since(self) -> datetime | None:
        """When the first clock ran out that binds the reviewers now."""
        if self.waiting_for != "reviewer":
            return None
        ran_out = [clock for clock in self._binding if clock.state == "ran_out"]
        ends = [clock.end for clock in ran_out if clock.window.side == "reviewer" and clock.end]
        return min(ends, default=None)

    @property
    def is_overdue(self) -> bool:
        """A clock that binds whoever must act now has run out."""
        return self.late_since is not None

    @property
    def missed(self) -> int:
        """How many of the reviewers' clocks ran out, in all its life."""
        return sum(
            clock.state == "ran_out" and clock.window.side == "reviewer"
            for clock in self.clocks.ledger
        )

    @property
    def _binding(self) -> list[Clock]:
        """The clocks of this status; one begun since another ran out stands in its place."""
        names = lifecycle().clocks[self.status].runs
        latest = [clock for name in names if (clock := self.clocks.latest(name))]
        last_start = max((each.started_at for each in latest if each.started_at), default=None)
        return [
            clock
            for clock in latest
            if clock.end is None or last_start is None or last_start < clock.end
        ]

    @property
    def stands_without_a_clock(self) -> bool:
        """Somebody has to act, and no clock runs that would say so."""
        if self.status is Status.PARTNER_ACTION:
            answer = self.clocks.latest("answer")
            return answer is not None and answer.state in ("waiting", "held")
        if self.waiting_for != "reviewer":
            return False
        return not any(clock.window.side == "reviewer" for clock in self.clocks.running())

    @property
    def is_untold(self) -> bool:
        """Approved, and nobody hears of it yet: it may still be taken back."""
        return self.proof_unchecked or self.awaits_award

    @property
    def asks_for_its_items(self) -> bool:
        """Who else is about them is not known yet, and it is too early to call that silence."""
        return any(debt.kind == "enter" and debt.state == "owed" for debt in self.debts)

    @property
    def awaits_award(self) -> bool:
        """It is not known yet whether another claim was faster."""
        return any(debt.kind == "award" for debt in self.debts)

    @property
    def owes_late(self) -> bool:
        return any(debt.state != "owed" for debt in self.debts)

    @property
    def consent_is_open(self) -> bool:
        """The customer is being asked, and may still say no."""
        return self.consent in ("pending", "held")

    @property
    def must_confirm_contacts(self) -> bool:
        """No notice has arrived, and one of them waits for a reviewer."""
        return (
            self.consent_is_open
            and self.notice_accepted_at is None
            and not contacts.unconfirmed(self).keys().isdisjoint(self.asked)
        )

    @property
    def has_proof(self) -> bool:
        """A file that can be looked at."""
        return any(file.counts for file in self.evidence)

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
    def has_unsent_changes(self) -> bool:
        """The partner did something about the last request, and has not submitted it."""
        for entry in reversed(self.history):
            if entry.what in CHANGES:
                return self.status in (Status.EDITING, Status.PARTNER_ACTION)
            if entry.what in ("submit", "request_info", "opened") or "status" in entry.changes:
                return False
        return False

    @property
    def payable(self) -> list[AnyDebt]:
        """What may be paid now: neither refused for good, nor paused, nor behind another debt."""
        if self.is_in_conflict:
            return []
        return [
            debt
            for debt in self.debts
            if debt.state != "parked" and debt.paused_until is None and not debt.must_wait(self)
        ]

    @property
    def is_in_conflict(self) -> bool:
        """The store knows what the claim does not: an operator has to decide."""
        return any(debt.stops_all for debt in self.debts)

    @property
    def is_at_rest(self) -> bool:
        """Nothing is tried for the first time; what is late may be taken up anywhere."""
        fresh = [debt for debt in self.payable if debt.state == "owed"]
        return all(debt.comes_last and not debt.begun for debt in fresh)

    @property
    def is_settled(self) -> bool:
        """Nothing more can happen and all is paid, but for the record of just that."""
        return self.ended_at is not None and all(debt.comes_last for debt in self.debts)

    @property
    def is_over(self) -> bool:
        return self.is_settled and not self.debts and self.recorded_up_to == len(self.history)

    def debt(self, debt_id: str) -> AnyDebt | None:
        return next((debt for debt in self.debts if debt.id == debt_id), None)

    @property
    def customer_was_asked(self) -> bool:
        """A consent notice arrived, or may have."""
        return any(asked.state in ("under way", "accepted") for asked in self.asked.values())
