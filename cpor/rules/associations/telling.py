"""How associations are called, and how they tell a claim."""

from __future__ import annotations

from pydantic import BaseModel

from cpor.rules.associations.state import News

ASSOCIATIONS = "Associations"
"""The type of the workflow."""
TELL = "tell_claim"
"""The activity."""


class Telling(BaseModel):
    """What the activity is given."""

    tenant_id: str
    news: News


def workflow_id_of(tenant_id: str) -> str:
    return f"associations:{tenant_id}"
