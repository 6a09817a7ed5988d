"""What goes out to the incentive engine and to the vendor's portal, as the contract shows it.

The claim writes them (`cpor/rules/effects/`); here they are only described.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from cpor.rules.facts import Activity, ClaimId, Guid, Instant, MpnId, Product, Program, Sha256
from cpor.rules.lifecycle import Status
from cpor.rules.state import Consent, Eligibility


class Event(BaseModel):
    """A CloudEvent 1.0 in structured mode."""

    specversion: Literal["1.0"]
    source: str
    """The worker's setting CLAIMS_EVENT_SOURCE."""
    id: str
    """The same however often the event is sent: enter each once."""
    subject: ClaimId
    time: Instant
    """When it happened, by the claim's clock."""
    datacontenttype: Literal["application/json"]


class HandedOff(BaseModel):
    """What the incentive engine judges."""

    claim_id: ClaimId
    program: Program
    activity: Activity
    edition: str
    """Which rules the claim was decided under."""
    mpn_id: MpnId
    tenant_id: Guid
    products: list[Product]
    """What the association is for."""
    evidence: list[Sha256]
    """The proof files, by the SHA-256 of their bytes."""
    first_submitted_at: Instant
    approved_at: Instant
    consent_lapsed_at: Instant


class TakenBack(HandedOff):
    """The same once more, and why it counts no longer."""

    recalls: str
    """The id of the event that is taken back."""
    reason: str
    """A code."""


class Change(BaseModel):
    """How a claim stands."""

    claim_id: ClaimId
    status: Status
    consent: Consent
    eligibility: Eligibility
    seq: int
    """Of two changes the one with the larger number is the later one."""


class Association(BaseModel):
    """Between whom, for what, and since or until when."""

    claim_id: ClaimId
    tenant_id: Guid
    mpn_id: MpnId
    products: list[Product]
    """What the association is for."""
    at: Instant


class ReadyForEligibility(Event):
    """To the incentive engine: the consent window is over without a no."""

    type: Literal["cpor.claim.ready-for-eligibility"]
    data: HandedOff


class AskedForAgain(HandedOff):
    """What has no result yet, once more."""

    asks_again: str
    """The id of the event that was not answered. The answer is made of this one."""


class AskedAgain(Event):
    """To the incentive engine: a hand-off has no result yet."""

    type: Literal["cpor.claim.asked-again"]
    data: AskedForAgain


class Recalled(Event):
    """To the incentive engine: an association ended after it was handed off."""

    type: Literal["cpor.claim.recalled"]
    data: TakenBack


class Changed(Event):
    """To the portal: status, consent or eligibility changed."""

    type: Literal["cpor.claim.changed"]
    data: Change


class Official(Event):
    """To the portal: the association counts from now on, and usage data may be opened."""

    type: Literal["cpor.association.official"]
    data: Association


class Ended(Event):
    """To the portal: the association counts no longer, and usage data must be closed."""

    type: Literal["cpor.association.ended"]
    data: Association
