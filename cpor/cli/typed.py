"""What was typed, found again in what is wrong with a message: an option, a word, the nearest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from inspect import Parameter
from typing import TYPE_CHECKING, Any, cast, get_args

from typer.models import ArgumentInfo, OptionInfo

if TYPE_CHECKING:
    from cpor.rules.errors import Invalid, Problem

_KNOWN = re.compile("'([^']*)'")
_CODE = re.compile("[:=@]")
MOST_REPEATED = 60
"""Whoever typed more than that knows it by its option."""


@dataclass(frozen=True)
class Typed:
    """An option or argument, and the word that stood there where there may be several."""

    name: str
    word: str = ""

    def __str__(self) -> str:
        return f"{self.name} {self.word}" if self.word else self.name


def in_words_typed(error: Invalid, places: Mapping[str, Typed]) -> Invalid:
    """The same problems, by what was typed in place of the fields of the message."""
    from cpor.rules.errors import Invalid

    return Invalid([_in_words_typed(each, places) for each in error.problems])


def places(
    parameters: Iterable[Parameter], values: Mapping[str, Any], fields: Mapping[str, Sequence[str]]
) -> dict[str, Typed]:
    """By the path of a field; `fields` names those that are not called as their parameters are."""
    named = {each.name: _name(each) for each in parameters}
    renamed = {name for names in fields.values() for name in names}
    found = {name: _typed(option, values.get(name)) for name, option in named.items()}
    by_path = {name: typed for name, typed in found.items() if name not in renamed}
    for field, names in fields.items():
        first = values.get(names[0])
        if len(names) == 1 and not isinstance(first, list):
            by_path[field] = _typed(named[names[0]], first)
            continue
        words = [(name, word) for name in names for word in values.get(name) or ()]
        for number, (name, word) in enumerate(words):
            by_path[f"{field}.{number}"] = _typed(named[name], word)
    return by_path


def nearest(word: str, known: Iterable[str]) -> str:
    """What may have been meant, to be put behind an error; nothing if nothing is near."""
    spelt = {each.lower(): each for each in known}
    if word in spelt.values():
        return ""
    near = get_close_matches(word.strip().lower(), spelt, n=1, cutoff=0.6)
    return f"; did you mean {spelt[near[0]]}?" if near else ""


def _in_words_typed(problem: Problem, known: Mapping[str, Typed]) -> Problem:
    steps = problem.field.split(".")
    for length in range(len(steps), 0, -1):
        if typed := known.get(".".join(steps[:length])):
            meant = nearest(_CODE.split(typed.word)[0], _KNOWN.findall(problem.text))
            return replace(problem, field=str(typed), text=f"{problem.text}{meant}")
    return problem


def _typed(name: str, value: object) -> Typed:
    word = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return Typed(name, word if len(word) <= MOST_REPEATED else "")


def _name(parameter: Parameter) -> str:
    for info in get_args(parameter.annotation):
        if isinstance(info, OptionInfo):
            # In an annotation, what stands first is taken for the default until Typer reads it.
            decls = (cast("object", info.default), *(info.param_decls or ()))
            dashed = (each for each in decls if isinstance(each, str) and each.startswith("-"))
            return next(dashed, parameter.name)
        if isinstance(info, ArgumentInfo):
            return info.metavar or parameter.name
    return parameter.name
