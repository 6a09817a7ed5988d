"""What a claim answers to a message."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from cpor.rules.messages import Receipt


class Taken(BaseModel, frozen=True):
    """Temporal keeps the message, but no worker has answered it yet.

    The query `receipt` returns the answer later, under this id. Sending the message again does too.
    """

    id: str
    outcome: Literal["taken"] = "taken"
    text: str = "Taken, not yet answered: no worker is there."


Answer = Receipt | Taken
