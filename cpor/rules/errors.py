"""What a claim may answer instead of doing what it was told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast

from pydantic import ValidationError

from cpor.rules.characters import is_printable

Code = Literal[
    "invalid",
    "unsigned",
    "wrong_role",
    "wrong_status",
    "not_editable",
    "nothing_to_review",
    "not_yet",
    "too_much",
    "changed_since",
    "not_disputable",
    "already_disputed",
    "same_reviewer",
    "held_by_rival",
    "new_proof_needed",
]


MOST_NAMED = 100
"""A text that names more problems helps nobody and may be too long for the engine."""


class ClaimError(Exception):
    """Base of everything this package raises on purpose."""


@dataclass(frozen=True)
class Problem:
    """One field and what is wrong with it."""

    field: str
    text: str

    def __str__(self) -> str:
        return f"{shortened(self.field)}: {self.text}" if self.field else self.text


class Refused(ClaimError):
    """The rules say no. `code` is for programs, `text` for people, `problems` for single fields."""

    def __init__(self, code: Code, text: str, problems: Sequence[Problem] = ()) -> None:
        super().__init__(text)
        self.code: Code = code
        self.text = text
        self.problems = tuple(problems)


class Invalid(Refused):
    """What was sent cannot be taken as it stands; every wrong field is named at once."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        named = [str(problem) for problem in problems[:MOST_NAMED]]
        if more := len(problems) - len(named):
            named.append(f"and {more} more")
        super().__init__("invalid", "; ".join(named), problems)


class EditionError(ClaimError):
    """An edition file that cannot be used: file, key and problem."""


def quoted(text: str) -> str:
    """What was sent, in quotation marks; `repr` would depend on the interpreter's Unicode."""
    shown = (char if is_printable(char) else "?" for char in shortened(text))
    return f"'{''.join(shown)}'"


def shortened(text: str, most: int = 200) -> str:
    return text if len(text) <= most else f"{text[: most - 1]}…"


def problems(error: ValidationError) -> list[Problem]:
    """Pydantic's findings in plain words, each with the path of its field."""
    return [
        Problem(
            ".".join(str(step) for step in found["loc"] if step != "[key]"),
            _plainly(cast("Any", found)),
        )
        for found in error.errors(include_url=False, include_input=False)
    ]


def _plainly(found: Mapping[str, Any]) -> str:
    context: Mapping[str, Any] = found.get("ctx") or {}
    match found["type"]:
        case "missing":
            return "is needed"
        case "extra_forbidden":
            return "is not a known field"
        case "value_error":
            return str(context["error"])
        case "literal_error":
            return f"must be {context['expected']}"
        case "string_type":
            return "must be a text"
        case "model_type" | "model_attributes_type" | "dict_type":
            return "must be an object"
        case "list_type":
            return "must be a list"
        case "too_long":
            return f"must have at most {context['max_length']} entries"
        case "too_short":
            return "must have at least one entry"
        case _:
            return str(found["msg"]).removeprefix("Input ").replace("should be", "must be")
