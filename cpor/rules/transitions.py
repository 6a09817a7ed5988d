"""Where the rows of the lifecycle table lead a claim: its status, its clocks, whom it tells."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from cpor.rules import consent
from cpor.rules.deadlines import ClockName
from cpor.rules.effects import Recipient
from cpor.rules.facts import By
from cpor.rules.history import CLAIM_ITSELF
from cpor.rules.lifecycle import (
    CLOCKS,
    GOES_ON,
    ONCE,
    Row,
    Source,
    Status,
    Told,
    heard_in,
    rows_for,
)
from cpor.rules.state import State

IN_REVIEW = (Status.SUBMITTED, Status.UNDER_REVIEW, Status.DISPUTED)


class Course(State):
    def follow(
        self, row: Row, now: datetime, facts: Mapping[str, Any] | None = None, by: By = CLAIM_ITSELF
    ) -> None:
        """Go where the row of the table leads, and owe whom it tells."""
        if (leads_to := self.way(row)) is not None:
            self.enter(leads_to, now)
        for told, audience in row.tells:
            if (told, audience) == ("hand_off", "incentive engine"):
                self._owe_hand_off(now)
            elif (told, audience) == ("question", "directory"):
                self._ask_directory(now)
            elif told == "consent":
                consent.begin(self, self.recipients(audience, by), now)
            else:
                for recipient in self.recipients(audience, by):
                    if audience != "customer" or self._concerns(told, recipient):
                        self.owe_notice(told, recipient, now, facts or {})

    def _concerns(self, told: Told, recipient: Recipient) -> bool:
        """Contacts hear of it who were asked; of their no, who may be reached at all."""
        state = self.asked[recipient].state if recipient in self.asked else "owed"
        return state in ("under way", "accepted") or (told == "declined" and state == "owed")

    def happens(
        self, hears: str, source: Source, now: datetime, facts: Mapping[str, Any] | None = None
    ) -> None:
        """Something that no person said: a clock ran out, a mail server answered."""
        if row := self.row_of(hears, source):
            self.follow(row, now, facts)

    def row_of(self, hears: str, source: Source) -> Row | None:
        """The first row that hears this from there and whose proviso holds."""
        rows = rows_for(self.status, hears)
        return next((row for row in rows if source in row.sources and self.holds(row)), None)

    def possible(self) -> Iterator[Row]:
        """What people may say now, and which of them."""
        hopeless = {
            "edit": not set(self.editable) - {"evidence"},
            "add_evidence": "evidence" not in self.editable,
        }
        return (
            row for row in heard_in(self.status) if self.holds(row) and not hopeless.get(row.hears)
        )

    def way(self, row: Row) -> Status | None:
        """Where it leads; what two editions see differently, the claim's own decides."""
        if len(row.becomes) > 1:
            return self.rules_in_force.leads_to[row.hears]
        return row.becomes[0] if row.becomes else None

    def step(self, row: Row | None) -> dict[str, Any]:
        """The change of status, as the history keeps it."""
        leads_to = self.way(row) if row else None
        return {"status": [self.status.value, leads_to.value]} if leads_to else {}

    def enter(self, status: Status, now: datetime) -> None:
        before, self.status = self.status, status
        self.forget_reminders()
        if self.is_being_asked_about and status not in IN_REVIEW:
            self.cross_off(*(debt.id for debt in self.debts if debt.is_announcement))
        wanted = CLOCKS[status]
        runs = wanted.runs if status is not Status.REJECTED or self.is_disputable else ()
        for clock in self.clocks.ledger:
            if clock.clock in wanted.stand_still and clock.state == "running":
                self.clocks.pause(clock, now)
            elif clock.is_live and clock.clock not in runs + wanted.stand_still:
                clock.stop()
        for name in runs:
            self._run(name, before, now)
        if not runs and status in (Status.REJECTED, Status.REJECTED_FINAL):
            self.is_over_from(now)
        if status is not Status.APPROVED:
            consent.end(self)

    def is_over_from(self, at: datetime) -> None:
        """Nothing more can happen; what the directory would say is of no use."""
        self.ended_at = at
        self.cross_off(*(debt.id for debt in self.debts if debt.kind == "directory"))

    def _run(self, name: ClockName, before: Status, now: datetime) -> None:
        latest = self.clocks.latest(name)
        if latest is not None and latest.state == "paused":
            return self.clocks.resume(latest, now)
        rules = self.rules_in_force
        if rules.windows[name] is None or (latest is not None and latest.is_live):
            return
        if latest is not None and (
            name in ONCE or (name in GOES_ON and before is Status.PARTNER_ACTION)
        ):
            return
        clock = self.clocks.wait(name, rules.window(name), rules.name)
        if name != "consent":
            self.clocks.start(clock, now)

    def _owe_hand_off(self, now: datetime) -> None:
        if self.activity != "revenue-association":
            self.owe_effect("hand_off", "ready", now)

    def forget_reminders(self) -> None:
        """What they remind of is done, or is said anew."""
        self.cross_off(*(debt.id for debt in self.debts if debt.notice == "reminder"))

    def _ask_directory(self, now: datetime) -> None:
        """About this submission only. Whether there is one is known once the rules are pinned."""
        self.cross_off(*(debt.id for debt in self.debts if debt.kind == "directory"))
        self.owe_effect("directory", "directory", now)
        if self.edition is not None and not self.has_directory:
            self.ask_nobody(now)

    def ask_nobody(self, now: datetime) -> None:
        for debt in [each for each in self.debts if each.kind == "directory"]:
            self.cross_off(debt.id)
            self.note("directory", "not checked: no directory is set", CLAIM_ITSELF, now)

    def holds(self, row: Row) -> bool:
        """The row's proviso."""
        match row.provided:
            case "consent open":
                return self.consent_is_open
            case "official":
                return self.is_official
            case "no still counts":
                return self.is_official and self.rules_in_force.decline_after_consent
            case "handed off":
                return bool(self.handed_over)
            case "disputable":
                return self.may_be_disputed
            case "in dispute":
                return self.in_dispute
            case "first submission":
                return self.is_first_submission
            case "":
                return True
