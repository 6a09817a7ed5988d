"""How associations are called, and how they tell a claim."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from cpor.rules.associations.calls import AnyCall, Picture
from cpor.rules.associations.state import News

ASSOCIATIONS = "Associations"
"""The type of the workflow."""
CALL = "call_associations"
"""The activity by which a claim calls."""
TELL = "tell_claim"
"""The activity by which a claim is told."""
GATHER = "gather_accounts"
"""The activity by which all open claims of a tenant are asked what they hold and ask for."""
ALONE = "alone"
"""What associations are started with where no other claim of the tenant is open."""


class Called(BaseModel):
    """What the activity of a call is given."""

    call: AnyCall


class Telling(BaseModel):
    """What the activity is given."""

    tenant_id: str
    news: News
    picture: Picture
    """How things stand when it is told."""


class Heard(BaseModel):
    """What a claim answers. `gone`: it is over, or has left its items."""

    outcome: Literal["heard", "gone"]


class Gathering(BaseModel):
    """What the activity that gathers is given."""

    tenant_id: str
    beginning: str
    """Of the associations; claims are asked once for each."""


def workflow_id_of(tenant_id: str) -> str:
    return f"associations:{tenant_id}"
