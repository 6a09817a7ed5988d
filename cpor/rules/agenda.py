"""What time does to a claim: windows end, people are reminded, patience with the mail ends."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from cpor.rules import consent, current_details, portal_events, reviewing
from cpor.rules.deadlines import Clock
from cpor.rules.debtor import Debtor
from cpor.rules.effects import Debt
from cpor.rules.history import CLAIM_ITSELF, EVERYBODY, Ground
from cpor.rules.lifecycle import runs_out, soon_ends
from cpor.rules.notice_facts import due
from cpor.rules.reminders import upcoming

KEPT = timedelta(days=30)
"""So long what is parked of a claim that is over is kept for another try."""


@dataclass(frozen=True)
class Wake:
    """When the claim wants to be woken, and what for."""

    at: datetime
    label: str


class Timed(Debtor):
    def agenda(self) -> Wake | None:
        """The next instant at which something happens by itself."""
        return min(self._entries(), key=lambda wake: wake.at, default=None)

    def tick(self, now: datetime) -> None:
        """Everything that was to happen until now, in its order."""
        for clock in self.clocks.running():
            if clock.end is not None and clock.end <= now and clock.state == "running":
                self._runs_out(clock, now)
        for clock in self.clocks.running():
            if any(at <= now for at in self._reminders(clock)):
                self._remind(clock, now)
        if self.escalate_at is not None and self.escalate_at <= now:
            since, self.escalate_at = self.escalate_at - consent.PATIENCE, None
            self.note("escalated", "no notice reached the customer in 30 days", CLAIM_ITSELF, now)
            self.happens("notice unheard", "clock", now, {"since": since})
        self._end_rests(now)
        self._give_up(now)
        self.settle(now)

    def _entries(self) -> list[Wake]:
        entries: list[Wake] = []
        for clock in self.clocks.running():
            reminders = self._reminders(clock)
            label = current_details.label_of(clock, self.clocks.calendar_of(clock), reminders)
            ends = [clock.end] if clock.end else []
            entries += [Wake(at, label) for at in [*reminders, *ends]]
        if self.escalate_at is not None:
            entries.append(Wake(self.escalate_at, current_details.unheard_label(self.escalate_at)))
        for debt in self.debts:
            if debt.rests_until is not None:
                entries.append(Wake(debt.rests_until, f"{debt.label} is tried again"))
            if (until := self._kept_until(debt)) is not None:
                entries.append(Wake(until, f"{debt.label} is given up"))
        return entries

    def _reminders(self, clock: Clock) -> list[datetime]:
        return upcoming(clock, self.clocks.calendar_of(clock), self.rules_in_force.reminders)

    def _runs_out(self, clock: Clock, now: datetime) -> None:
        clock.run_out()
        row = self.row_of(runs_out(clock.clock), "clock")
        facts: dict[str, object] = {}
        self.note("clock", current_details.over(clock), CLAIM_ITSELF, now)
        if row is None:
            return
        match clock.clock:
            case "answer":
                self._reject_unanswered(now, self.step(row))
                facts = {"outcome": "rejected"}
            case "consent":
                self.consent, self.official_since = "lapsed", clock.end
                consent.end(self)
                portal_events.of_association(self, portal_events.OFFICIAL, clock.end or now, now)
                text = "the association is official"
                self.note("official", text, CLAIM_ITSELF, now, sight=EVERYBODY)
            case "dispute":
                self.is_over_from(clock.end or now)
            case _:
                facts = {"clock": clock.clock, "since": due(self, clock)}
        self.follow(row, now, facts)

    def _reject_unanswered(self, now: datetime, changes: dict[str, object]) -> None:
        reasons = [Ground(reason="no_partner_response")]
        lost = reviewing.disputed(self)
        if lost:
            reasons.append(Ground(reason="dispute_lost"))
        self.rejected_for(reasons)
        text = "rejected: no partner response" + (", so the dispute is lost" if lost else "")
        self.note("reject", text, CLAIM_ITSELF, now, changes)

    def _remind(self, clock: Clock, now: datetime) -> None:
        calendar = self.clocks.calendar_of(clock)
        clock.quiet_until = now
        self.forget_reminders()
        if clock.end is None:
            return
        facts = {
            "clock": clock.clock,
            "due": due(self, clock),
            "last_day": calendar.day_of(now) == calendar.last_day_before(clock.end),
            "unsent": self.has_unsent_changes,
            "reviewer": self.reviewer,
        }
        self.happens(soon_ends(clock.clock), "clock", now, facts)

    def _end_rests(self, now: datetime) -> None:
        for debt in self.debts:
            if debt.rests_until is not None and debt.rests_until <= now:
                debt.rests_until = None

    def _give_up(self, now: datetime) -> None:
        for debt in list(self.debts):
            if (until := self._kept_until(debt)) is not None and until <= now:
                self.cross_off(debt.id)
                text = f"{debt.label} is given up: {debt.last_answer}"
                self.note("given_up", text, CLAIM_ITSELF, now)

    def _kept_until(self, debt: Debt) -> datetime | None:
        """When a parked debt of a claim that is over is given up; None where it never is.

        The events wait for each other, so they all have the same time.
        """
        if self.ended_at is None or debt.parked_at is None:
            return None
        match debt.kind:
            case "notice" | "seal":
                return debt.parked_at + KEPT
            case "event":
                return max(self.ended_at, self.portal_refused_at or debt.parked_at) + KEPT
            case "hand_off" | "recall" | "directory" | "record":
                return None
