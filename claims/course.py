"""Where the rows of the lifecycle table lead a claim: its status, its clocks, whom it tells."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from claims import consent
from claims.facts import By
from claims.history import CLAIM_ITSELF
from claims.lifecycle import CLOCKS, GOES_ON, Row, Status, rows_for
from claims.state import State


class Course(State):
    def follow(
        self, row: Row, now: datetime, facts: Mapping[str, Any] | None = None, by: By = CLAIM_ITSELF
    ) -> None:
        """Go where the row of the table leads, and owe whom it tells."""
        if row.becomes is not None:
            self.enter(row.becomes, now)
        for told, audience in row.tells:
            if told == "hand_off":
                self._owe_hand_off(now)
            elif told == "consent":
                consent.begin(self, self.recipients(audience, by), now)
            elif audience != "customer" or self.customer_was_asked:
                for recipient in self.recipients(audience, by):
                    self.owe_notice(told, recipient, now, facts or {})

    def happens(self, hears: str, now: datetime, facts: Mapping[str, Any] | None = None) -> None:
        """Something that no person said: a clock ran out, a mail server answered."""
        for row in rows_for(self.status, hears):
            if self.holds(row):
                return self.follow(row, now, facts)

    def enter(self, status: Status, now: datetime) -> None:
        self.status = status
        wanted = CLOCKS[status]
        for clock in self.clocks.ledger:
            if clock.clock in wanted.stand_still and clock.state == "running":
                self.clocks.pause(clock, now)
            elif clock.is_live and clock.clock not in wanted.runs + wanted.stand_still:
                clock.stop()
        for name in wanted.runs:
            latest = self.clocks.latest(name)
            if latest is not None and latest.state == "paused":
                self.clocks.resume(latest, now)
            elif latest is None or (name not in GOES_ON and not latest.is_live):
                clock = self.clocks.wait(
                    name, self.rules_in_force.windows[name], self.rules_in_force.name
                )
                if name != "consent":
                    self.clocks.start(clock, now)
        if status is Status.REJECTED:
            self.ended_at = now
            consent.end(self)

    def _owe_hand_off(self, now: datetime) -> None:
        if self.activity != "revenue-association":
            self.owe_effect("hand_off", "ready", now)

    def holds(self, row: Row) -> bool:
        """The row's proviso."""
        match row.provided:
            case "consent open":
                return self.consent_is_open
            case "handed off":
                return self.eligibility != "none" or self.hands_off
            case "":
                return True
