"""A claim each step of which is looked at, and what of all that may happen it has reached."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from cpor.rules import views
from cpor.rules.claim import Claim
from cpor.rules.lifecycle import Status
from cpor.rules.messages import MESSAGES
from cpor.simulation.before import Before
from cpor.simulation.handed import Handed
from cpor.simulation.steps import Steps
from tests.rules.logbook import Driven
from tests.rules.play import notice_of, recipient_of
from tests.rules.possibilities import what_may_be_said_is_what_is_taken
from tests.rules.sequences import INTERNAL, Place

JUDGEMENTS = ("approve", "reject", "request_info")


def what_is_between_reviewers_is_shown_to_no_other_side(claim: Claim) -> None:
    for side in ("partner", "customer", "reviewer"):
        shown = views.history(claim.state, [{"side": side, "limit": 1000}])
        wanted = [entry.seq for entry in claim.state.history if side in entry.sight]
        assert [entry.seq for entry in shown] == wanted[:1000]
        if side != "reviewer":
            assert not any(INTERNAL in entry.text for entry in shown)
    notices = [
        debt for debt in claim.state.debts if recipient_of(debt) not in (None, "reviewers", "lead")
    ]
    assert not any(INTERNAL in debt.model_dump_json() for debt in notices)


class Watched(Driven):
    """Looks at each step, and remembers what was reached."""

    def __init__(self, data: Mapping[str, Any], now: datetime, place: Place) -> None:
        super().__init__(data, now, place)
        self.steps = Steps()
        self.reached: set[str] = set()

    def has_happened(self, before: Claim, handed: Handed, answer: Any) -> None:
        self.steps.happened(self.claim, Before.of(before.state, whole=True), handed, answer)
        if self.claim.state.status is not before.state.status:
            what_may_be_said_is_what_is_taken(self.claim)
        if len(self.claim.state.history) > len(before.state.history):
            what_is_between_reviewers_is_shown_to_no_other_side(self.claim)
        self._note_what_was_reached(before, handed)

    def has_begun(self, debt_id: str, payment: Any) -> None:
        self.steps.begins(self.claim, debt_id, payment)

    def _note_what_was_reached(self, before: Claim, handed: Handed) -> None:
        claim, last = self.claim, self.claim.state.history[len(before.state.history) :]
        whats = {entry.what for entry in last}
        moved, draft = (
            claim.state.status is not before.state.status,
            claim.state.status is Status.EDITING,
        )
        reached = {
            claim.state.status.value: moved,
            "consent asked again": claim.state.rounds.get("consent.contact", 0) > 1,
            "held": claim.state.consent == "held" != before.state.consent,
            "official": claim.state.is_official and not before.state.is_official,
            "recognised only": claim.state.is_official
            and claim.state.activity == "revenue-association",
            "handed off": "handed_off" in whats,
            "never handed off": "crossed_off" in whats,
            "recalled": claim.state.eligibility == "recalled",
            "judged": claim.state.eligibility in ("eligible", "not_eligible"),
            "declined": claim.state.consent == "declined" and not claim.state.official_since,
            "declined after consent": claim.state.consent == "declined"
            and bool(claim.state.official_since),
            "disassociated": any(each.reason == "disassociated" for each in claim.state.reasons),
            "escalated": "escalated" in whats,
            "directory took it back": handed.what == "paid" and moved and draft,
            "directory asks": handed.what == "paid" and moved and not draft,
            "dispute won": before.state.in_dispute and claim.state.status is Status.APPROVED,
            "dispute lost": claim.state.status is Status.REJECTED_FINAL and before.state.in_dispute,
            "asked in dispute": claim.state.in_dispute
            and claim.state.status is Status.PARTNER_ACTION,
            "no answer": any(each.reason == "no_partner_response" for each in claim.state.reasons),
            "dispute over": "clock" in whats
            and claim.state.ended_at is not None
            and not claim.state.in_dispute,
            "same reviewer": self.steps.second_look
            and handed.name in JUDGEMENTS
            and before.state == claim.state,
            "reminded": any(notice_of(debt) == "reminder" for debt in claim.state.debts),
            "overdue": claim.state.is_overdue,
            "parked": "parked" in whats,
            "given up": "given_up" in whats,
            "repeated": handed.name in MESSAGES and before.state == claim.state,
            "more days learnt": handed.what == "pin"
            and before.state.edition is not None
            and before.state.pinned_places == claim.state.pinned_places,
            "another place": claim.state.edition is not None
            and before.state.edition is not None
            and before.state.pinned_places != claim.state.pinned_places,
            "over": claim.state.is_over,
        }
        self.reached |= {name for name, was in reached.items() if was}
