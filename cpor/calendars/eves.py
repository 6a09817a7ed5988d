"""Days that are no public holidays, and which deadlines count as days off: `eves.toml`, by law."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path


@dataclass(frozen=True)
class Eves:
    """What was decided for one country, and why."""

    off: bool
    ground: str
    category: str | None = None
    """The library's."""
    days: Mapping[str, str] = field(default_factory=dict[str, str])
    """More of them, by month and day."""


def eves_of(country: str) -> Eves | None:
    """Those of a country that are days off."""
    found = decided().get(country)
    return found if found and found.off else None


@cache
def decided() -> Mapping[str, Eves]:
    table = tomllib.loads(Path(__file__).with_suffix(".toml").read_text("utf-8"))
    return {country: Eves(**entry) for country, entry in table.items()}
