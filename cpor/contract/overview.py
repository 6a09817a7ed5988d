"""The answer to the query `overview`."""

from __future__ import annotations

from pydantic import BaseModel

from cpor.rules.messages import Receipt
from cpor.rules.views import ClaimView, ClockView


class Overview(BaseModel):
    """A claim, its deadlines and the receipt of one message, all of the same moment."""

    claim: ClaimView
    """As the query `claim` returns it."""
    deadlines: list[ClockView]
    """As the query `deadlines` returns them."""
    receipt: Receipt | None
    """As the query `receipt` returns it: null where the message never arrived."""
