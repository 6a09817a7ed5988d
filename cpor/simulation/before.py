"""A claim as it was before a step: as much of it as is asked about after the step."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from cpor.rules.deadlines import Clock
from cpor.rules.history import Entry, Ground
from cpor.rules.lifecycle import Status
from cpor.rules.state import Answer, Consent, State


@dataclass(frozen=True)
class Before:
    status: Status
    consent: Consent
    submitted_at: datetime | None
    official_since: datetime | None
    ended_at: datetime | None
    reasons: list[Ground]
    history: list[Entry]
    receipts: Mapping[str, Answer]
    debts: Mapping[str, str]
    """The kind of each, by its id."""
    clocks: tuple[object, ...]
    consent_ends: datetime | None
    """None also where that clock does not run."""
    in_dispute: bool
    whole: str | None
    """All of it, where the step is to change nothing."""

    @classmethod
    def of(cls, claim: State, whole: bool = False) -> Before:
        clock = claim.clocks.latest("consent")
        return cls(
            claim.status,
            claim.consent,
            claim.submitted_at,
            claim.official_since,
            claim.ended_at,
            claim.reasons,
            claim.history[:],
            claim.receipts.copy(),
            {debt.id: debt.kind for debt in claim.debts},
            clocks_of(claim),
            clock.end if clock is not None and clock.state == "running" else None,
            claim.in_dispute,
            claim.model_dump_json() if whole else None,
        )


def clocks_of(claim: State) -> tuple[object, ...]:
    return tuple(map(_of, claim.clocks.ledger))


def _of(clock: Clock) -> tuple[object, ...]:
    stood = clock.pauses[-1].until if clock.pauses else None
    ends = (clock.state, clock.started_at, clock.end, clock.extended, clock.promised)
    return ends, clock.window, len(clock.pauses), stood, len(clock.counted), len(clock.skipped)
