"""One thing that is handed in to a claim: all that ever happens to one is a list of these."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cpor.rules.claim import Claim
from cpor.rules.errors import Refused, shortened
from cpor.rules.messages import Receipt

Answer = Receipt | tuple[str, str] | None
"""A receipt, or the code and the text of a refusal."""


@dataclass(frozen=True)
class Handed:
    at: datetime
    what: str
    name: str = ""
    content: Any = None

    @property
    def is_said(self) -> bool:
        """A message; all else is done by the loop and by the world."""
        return self.what in ("update", "signal")

    def to(self, claim: Claim) -> Any:
        """Hand it to a claim; what the claim answers."""
        match self.what:
            case "update":
                return self._answer_of(claim)
            case "signal":
                return claim.hear(self.name, self.content, self.at)
            case "tick":
                return claim.tick(self.at)
            case "pin":
                question, rules = self.content
                return claim.pin(question, rules, self.at)
            case "begin" if debt := claim.state.debt(self.name):
                return claim.begin(debt, "run-1")
            case "paid":
                kind, result = self.content
                debt = claim.state.debt(self.name)
                assert debt is None or debt.kind == kind
                return claim.paid(self.name, result, self.at)
            case "late":
                answer, pause = self.content
                return claim.late(self.name, answer, self.at, pause)
            case "park":
                return claim.park(self.name, self.content, self.at)
            case "told":
                return claim.told(self.content, self.at)
            case "cancel":
                return claim.cancellation_asked(self.at)
            case "begin":
                return None  # it is owed no more
            case _:
                raise AssertionError(self)

    def __str__(self) -> str:
        content = shortened(str(self.content), 300) if self.content is not None else ""
        return f"{self.at:%a %d %b %Y %H:%M:%S} {self.what} {self.name} {content}".rstrip()

    def _answer_of(self, claim: Claim) -> Answer:
        try:
            return claim.take(self.name, self.content, self.at)
        except Refused as refused:
            return refused.code, refused.text
