"""What Prometheus would read."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

import httpx


class Sample(NamedTuple):
    name: str
    labels: Mapping[str, str]
    value: float


class Scrape:
    def __init__(self, text: str) -> None:
        self.text = text
        self.samples = [
            Sample(name, dict(re.findall(r'(\w+)="([^"]*)"', labels or "")), float(value))
            for name, labels, value in re.findall(r"^(\w+)(?:\{(.*)\})? (\S+)$", text, re.MULTILINE)
        ]

    def value(self, name: str, **labels: str) -> float | None:
        """The sum over all that have these labels; None where there is nothing such."""
        found = [
            each.value
            for each in self.samples
            if each.name == name and labels.items() <= each.labels.items()
        ]
        return sum(found) if found else None


def scrape(address: str) -> Scrape:
    return Scrape(httpx.get(f"http://{address}/metrics", trust_env=False).raise_for_status().text)
