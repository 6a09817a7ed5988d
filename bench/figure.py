"""A figure that is measured, and what it should be."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    name: str
    value: float
    at_most: float | None = None
    at_least: float | None = None
    spread: str = ""

    @property
    def met(self) -> bool:
        too_much = self.at_most is not None and self.value > self.at_most
        too_little = self.at_least is not None and self.value < self.at_least
        return not too_much and not too_little

    @property
    def share(self) -> float:
        """Of the goal; beyond 1 it is missed."""
        if self.at_most is not None:
            return self.value / self.at_most
        return self.at_least / self.value if self.at_least is not None else 0.0

    @property
    def goal(self) -> str:
        if self.at_most is not None:
            return f"≤ {self.at_most:g}"
        return f"≥ {self.at_least:g}" if self.at_least is not None else ""
