"""What becomes of a claim's debts: paid and crossed off, late, or parked until somebody helps."""

from __future__ import annotations

from datetime import datetime, timedelta

from cpor.rules import association, consent, directory, portal_events
from cpor.rules.effects import (
    Debt,
    DirectoryResult,
    HandOffResult,
    NoticeResult,
    RecordResult,
    Result,
    SealResult,
    in_short,
)
from cpor.rules.history import CLAIM_ITSELF
from cpor.rules.transitions import Course


class Debtor(Course):
    def late(
        self, debt_id: str, answer: str, now: datetime, pause: timedelta | None = None
    ) -> None:
        """The first tries failed; slower ones go on, after the pause that was asked for."""
        if debt := self.debt(debt_id):
            debt.state, debt.last_answer = "late", in_short(answer)
            debt.rests_until = now + pause if pause else None
            self.settle(now)

    def park(self, debt_id: str, answer: str, now: datetime) -> None:
        """Refused for good: it waits for an operator's `retry`, unless it is wanted no more."""
        debt = self.debt(debt_id)
        if debt and debt.kind == "hand_off" and self.recall_for:
            self.cross_off(debt_id)
            association.never_handed_off(self, f"it was refused: {in_short(answer)}", now)
            self.settle(now)
        elif debt:
            debt.state, debt.last_answer, debt.parked_at = "parked", in_short(answer), now
            if debt.kind == "event":
                self.portal_refused_at = self.portal_refused_at or now
            self.note("parked", f"{debt.label}: {debt.last_answer}", CLAIM_ITSELF, now)
            self.settle(now)

    def paid(self, debt_id: str, result: Result, now: datetime) -> None:
        """Cross off, and do what follows. What is owed no more changes nothing."""
        debt = self.debt(debt_id)
        if debt is None:
            return
        match result:
            case NoticeResult():
                self._noticed(debt, result, now)
            case SealResult():
                self.cross_off(debt_id)
                self._sealed(result, now)
            case DirectoryResult():
                self.cross_off(debt_id)
                directory.answered(self, debt, result, now)
            case HandOffResult(outcome="taken"):
                self.cross_off(debt_id)
                if debt.kind != "event":
                    association.taken(self, debt, result, now)
            case RecordResult(outcome="kept"):
                self.cross_off(debt_id)
                self.recorded_up_to = debt.facts["up_to"]
            case HandOffResult() | RecordResult():
                self.park(debt_id, result.detail, now)
        self.settle(now)

    def _noticed(self, debt: Debt, result: NoticeResult, now: datetime) -> None:
        if result.outcome == "accepted":
            self.arrivals[debt.id] = result.at
        if debt.notice == "consent":
            self.cross_off(debt.id)
            if not consent.answered(self, debt, result, now):
                self.happens(consent.REFUSED, "mail server", now, {"contact": debt.recipient})
        elif result.outcome != "refused":
            self.cross_off(debt.id)
        else:
            self.park(debt.id, result.detail, now)
            if debt.recipient == "partner" and debt.notice != "undeliverable":
                for who in self.reviewing:
                    self.owe_notice("undeliverable", who, now, {"contact": "partner"})

    def _sealed(self, result: SealResult, now: datetime) -> None:
        for file in self.evidence:
            file.state = result.states.get(file.sha256, file.state)
        unusable = [
            file for file in self.evidence if file.sha256 in result.states and not file.is_there
        ]
        if unusable:
            names = [{"name": file.name, "state": file.state} for file in unusable]
            listed = ", ".join(f"{file.name} is {file.state}" for file in unusable)
            self.note("evidence_problem", listed, CLAIM_ITSELF, now)
            self.happens("file unusable", "store", now, {"files": names})

    def owe_again(self, now: datetime) -> list[str]:
        """Parked debts are owed once more, and no pause is kept; says which."""
        waiting = [debt for debt in self.debts if debt.state == "parked" or debt.rests_until]
        for debt in waiting:
            if debt.state == "parked":
                debt.state, debt.parked_at = "owed", None
            debt.rests_until = None
        return [debt.label for debt in waiting] + consent.ask_again(self, now)

    def settle(self, now: datetime) -> None:
        """The portal is told what changed; once nothing else is owed, the record of all this is."""
        portal_events.of_changes(self, now)
        at_the_end = self.is_settled and self.recorded_up_to < len(self.history)
        first = self.handed_off_at is not None and not self.recorded_up_to and self.is_at_rest
        if (at_the_end or first) and not any(debt.kind == "record" for debt in self.debts):
            self.owe_effect("record", "record", now, {"up_to": len(self.history)})
