"""An edition: a dated set of the rules, as data. A claim keeps the one it was submitted under."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from datetime import time
from functools import cache
from pathlib import Path
from typing import Annotated, Literal, Self, cast, get_args

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    NonNegativeInt,
    PositiveInt,
    ValidationError,
    model_validator,
)

from cpor.rules.deadlines import ClockName, Window
from cpor.rules.errors import EditionError, Invalid, Problem, problems, quoted
from cpor.rules.facts import PartnerRole
from cpor.rules.lifecycle import Status, lifecycle

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
    "partner",
    "customer",
]

BASE = "2020"
"""Stands in until a claim has pinned its own: drafts follow what all editions share."""

FOLDER = Path(__file__).with_name("editions")


class Rules(BaseModel):
    """Base of the parts of an edition: an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class PartnerRoles(Rules):
    """Which of a partner's people may do what."""

    draft: tuple[PartnerRole, ...]
    manage: tuple[PartnerRole, ...]
    comment: tuple[PartnerRole, ...]

    def may(self, message: str, status: Status) -> tuple[PartnerRole, ...]:
        if message == "comment":
            return self.comment
        return self.draft if status is Status.EDITING else self.manage


class Reminders(Rules):
    """When the side that must act is reminded: how many business days before the last, and when."""

    clocks: tuple[ClockName, ...]
    business_days_before: tuple[NonNegativeInt, ...]
    at: time


def _none(value: object) -> object:
    return None if value == "none" else value


class Late(Rules):
    """What holds when all of the reviewers' clocks have run out, in business days."""

    review_after_answer: PositiveInt
    tell_again_every: PositiveInt


class Edition(Rules):
    name: str
    windows: Mapping[ClockName, Annotated[Window | None, BeforeValidator(_none)]]
    editable: Mapping[Status, tuple[EditableField, ...]]
    leads_to: Mapping[str, Status]
    decline_after_consent: bool
    partner_roles: PartnerRoles
    reminders: Reminders
    late: Late

    def window(self, clock: ClockName) -> Window:
        window = self.windows[clock]
        if window is None:
            raise AssertionError(f"edition {self.name} has no window {clock}")
        return window

    def editable_in(self, status: Status) -> tuple[EditableField, ...]:
        return self.editable.get(status, ())

    @model_validator(mode="after")
    def _is_whole(self) -> Self:
        if found := [*self._missing_windows(), *self._missing_fields(), *self._wrong_ways()]:
            raise Invalid(found)
        return self

    def _missing_windows(self) -> list[Problem]:
        known = get_args(ClockName)
        missing = [name for name in known if name not in self.windows]
        may_be_none = ("overall",)
        empty = [name for name, window in self.windows.items() if window is None]
        return [
            *(Problem(f"windows.{name}", "is needed") for name in missing),
            *(
                Problem(f"windows.{name}", "must be a window; only overall may be none")
                for name in empty
                if name not in may_be_none
            ),
        ]

    def _missing_fields(self) -> list[Problem]:
        needed = {row.status for row in lifecycle().rows if row.hears == "edit" and row.status}
        return [
            Problem(f"editable.{status.value}", "is needed")
            for status in Status
            if status in needed - set(self.editable)
        ]

    def _wrong_ways(self) -> list[Problem]:
        forks = {row.hears: row.becomes for row in lifecycle().rows if len(row.becomes) > 1}
        found = [
            Problem(f"leads_to.{hears}", f"must be {' or '.join(ways)}")
            for hears, ways in forks.items()
            if self.leads_to.get(hears) not in ways
        ]
        unknown = [name for name in self.leads_to if name not in forks]
        return [*found, *(Problem(f"leads_to.{name}", "is not a known field") for name in unknown)]


def load(path: Path) -> Edition:
    try:
        edition = Edition.model_validate(tomllib.loads(path.read_text("utf-8")))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise EditionError(f"{path.name}: not readable as TOML: {error}") from None
    except ValidationError as error:
        raise EditionError(f"{path.name}: {'; '.join(map(str, problems(error)))}") from None
    except Invalid as invalid:
        raise EditionError(f"{path.name}: {invalid.text}") from None
    if edition.name != path.stem:
        raise EditionError(
            f"{path.name}: name: must be {quoted(path.stem)}, not {quoted(edition.name)}"
        )
    return edition


def names() -> list[str]:
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


@cache
def edition(name: str) -> Edition:
    if name not in names():
        raise EditionError(f"edition {quoted(name)} is not known; there are {', '.join(names())}")
    return load(FOLDER / f"{name}.toml")


def flat(of: Edition) -> Mapping[str, str]:
    """Each rule of an edition by its key, in the words of its file."""
    rules = of.model_dump(mode="json", exclude={"windows"})
    return {
        **{f"windows.{clock}": _window(window) for clock, window in of.windows.items()},
        **dict(_flat("", rules)),
    }


def _window(window: Window | None) -> str:
    return f"{window}, {window.side}'s calendar" if window else "none"


def _flat(key: str, value: object) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for name, part in cast("dict[str, object]", value).items():
            yield from _flat(f"{key}.{name}" if key else name, part)
    elif isinstance(value, list):
        yield key, ", ".join(map(str, cast("list[object]", value))) or "none"
    elif isinstance(value, bool):
        yield key, "yes" if value else "no"
    else:
        yield key, str(value)
