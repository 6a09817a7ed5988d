"""The partner's link to the customer, once it is official: begun by silence, ended by a word."""

from __future__ import annotations

from datetime import datetime

from cpor.rules.bookkeeping import note, reject
from cpor.rules.effects import consent, hand_off, portal_event
from cpor.rules.history import CLAIM_ITSELF, EVERYBODY, Ground
from cpor.rules.state import State


def begin(claim: State, at: datetime, now: datetime) -> None:
    """The customer's window is over without a no."""
    claim.consent, claim.official_since = "lapsed", at
    consent.end(claim)
    portal_event.owe_association(claim, portal_event.OFFICIAL, at, now)
    note(claim, "official", "the association is official", CLAIM_ITSELF, now, sight=EVERYBODY)


def end(claim: State, why: Ground, now: datetime) -> None:
    """What was handed off is recalled."""
    reject(claim, [why])
    portal_event.owe_association(claim, portal_event.ENDED, now, now)
    hand_off.end(claim, why.reason, now)
