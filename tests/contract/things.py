"""The contract's things with their examples, and what program and schema say of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator, FormatChecker
from pydantic import ValidationError

from cpor.contract.schemas import THINGS, Thing
from cpor.rules.claim import Claim
from cpor.rules.errors import Invalid, Refused, problems
from cpor.rules.facts import Opening
from cpor.rules.messages import Message, read

BY_NAME = {thing.name: thing for thing in THINGS}
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)

formats = FormatChecker()


@formats.checks("date-time", ValueError)
def _is_an_instant(value: object) -> bool:
    return not isinstance(value, str) or datetime.fromisoformat(value).tzinfo is not None


@dataclass(frozen=True)
class Example:
    thing: Thing
    file: Path

    def __str__(self) -> str:
        return f"{self.thing.name}/{self.file.stem}"

    @property
    def data(self) -> Any:
        return json.loads(self.file.read_text("utf-8"))

    @property
    def refusal(self) -> str:
        """What is said of it, where it is wrong."""
        return self.file.with_suffix(".txt").read_text("utf-8").removesuffix("\n")


def examples(kind: str) -> list[Example]:
    return [
        Example(thing, file)
        for thing in THINGS
        for file in sorted(thing.examples.glob(f"{kind}-*.json"))
    ]


def misfits(thing: Thing, data: Any) -> list[str]:
    """What a client finds that holds it against the schema as published."""
    schema = json.loads(thing.file.read_text("utf-8"))
    found = Draft202012Validator(schema, format_checker=formats).iter_errors(data)
    return [f"{error.json_path}: {error.message}" for error in found]


def refusal(thing: Thing, data: object) -> str | None:
    """What the program says of it; None where it takes it."""
    try:
        if thing.kind is Opening:
            Claim.open(data, NOW)
        elif issubclass(thing.kind, Message):
            read(thing.kind.name, [data])
        else:
            _read_as(thing, data)
    except Refused as refused:
        return refused.text
    return None


def _read_as(thing: Thing, data: object) -> None:
    try:
        thing.kind.model_validate(data)
    except ValidationError as error:
        raise Invalid(problems(error)) from None
