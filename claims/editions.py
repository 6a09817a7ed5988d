"""An edition: a dated set of the rules, as data. A claim keeps the one it was submitted under."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from claims.deadlines import ClockName, Window
from claims.errors import EditionError
from claims.facts import problems
from claims.lifecycle import Status

EditableField = Literal[
    "mpn_id",
    "products",
    "customer_contact",
    "technical_contact",
    "partner_contact",
    "evidence",
    "name",
    "program",
    "activity",
    "customer",
]

BASE = "2020"
"""Stands in until a claim has pinned its own: drafts follow what all editions share."""

FOLDER = Path(__file__).with_name("editions")


class Edition(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    windows: Mapping[ClockName, Window]
    editable: Mapping[Status, tuple[EditableField, ...]]

    def editable_in(self, status: Status) -> tuple[EditableField, ...]:
        return self.editable.get(status, ())


def load(path: Path) -> Edition:
    try:
        edition = Edition.model_validate(tomllib.loads(path.read_text("utf-8")))
    except tomllib.TOMLDecodeError as error:
        raise EditionError(f"{path.name}: not readable as TOML: {error}") from None
    except ValidationError as error:
        found = "; ".join(str(problem) for problem in problems(error))
        raise EditionError(f"{path.name}: {found}") from None
    if edition.name != path.stem:
        raise EditionError(f"{path.name}: name: must be {path.stem!r}, not {edition.name!r}")
    return edition


def names() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


@cache
def edition(name: str) -> Edition:
    if name not in names():
        raise EditionError(f"edition {name!r} is not known; there are {', '.join(names())}")
    return load(FOLDER / f"{name}.toml")
