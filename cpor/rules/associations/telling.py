"""How associations are called, and how they tell a claim."""

from __future__ import annotations

from pydantic import BaseModel

from cpor.rules.associations.calls import Award, Enter, Release
from cpor.rules.associations.state import News

ASSOCIATIONS = "Associations"
"""The type of the workflow."""
CALL = "call_associations"
"""The activity by which a claim calls."""
TELL = "tell_claim"
"""The activity by which a claim is told."""


class Called(BaseModel):
    """What the activity of a call is given."""

    call: Enter | Award | Release


class Telling(BaseModel):
    """What the activity is given."""

    tenant_id: str
    news: News


def workflow_id_of(tenant_id: str) -> str:
    return f"associations:{tenant_id}"
