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


def begin_anew(claim: State) -> None:
    """A claim whose association ended is approved once more: nothing of that one counts for it."""
    if claim.official_since is not None:
        claim.official_since = None
        hand_off.begin_anew(claim)


def end_by_no(claim: State, why: Ground, now: datetime) -> None:
    """The customer said no."""
    if claim.is_official:
        end(claim, why, now)
    else:
        reject(claim, [why])
    claim.consent = "declined"


def never_began(claim: State, why: Ground, now: datetime) -> bool:
    """Official by mistake, and the portal was not told: it need not hear of an end either."""
    if not claim.is_official or not portal_event.never_official(claim):
        return False
    reject(claim, [why])
    hand_off.end(claim, why.reason, now)
    claim.consent = "declined"
    return True


def end(claim: State, why: Ground, now: datetime) -> None:
    """What was handed off is recalled."""
    reject(claim, [why])
    portal_event.owe_association(claim, portal_event.ENDED, now, now)
    hand_off.end(claim, why.reason, now)
