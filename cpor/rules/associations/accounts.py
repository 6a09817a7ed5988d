"""What a claim says of itself when the associations of its tenant began anew and know nothing."""

from __future__ import annotations

from pydantic import BaseModel

from cpor.rules.facts import Instant

ACCOUNT = "account"
"""The name under which a claim is asked."""


class Account(BaseModel):
    tenant_id: str
    claim_id: str
    round: int
    """Of its last call that was answered."""
    mpn_id: str
    items: list[str]
    first_submitted_at: Instant
    proof_at: Instant | None
    proofs: list[str]
    holds: bool
    since: Instant
    """From when on it holds them, or when it was submitted first."""


class Accounts(BaseModel):
    """Of all open claims of a tenant."""

    claims: list[Account]
