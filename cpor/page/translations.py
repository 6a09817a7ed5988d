"""The texts of the page in each language, one file a language."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from markupsafe import Markup

from cpor.languages import ENGLISH, Language, known, language

WORDS = Path(__file__).parent / "words"


@dataclass(frozen=True)
class Translation:
    words: Mapping[str, Any]
    language: Language
    """How dates and lists are written; the mails use the same."""

    @property
    def code(self) -> str:
        return self.language.code

    def say(self, key: str, facts: Mapping[str, object]) -> Markup:
        """The text of a key such as ask.title, filled in; facts are escaped."""
        part, _, name = key.partition(".")
        return filled(self.words[part][name], facts)


def filled(words: str, facts: Mapping[str, object]) -> Markup:
    return Markup(words).format(**facts)


@cache
def codes() -> tuple[str, ...]:
    """Languages that mails are written in, too. English first."""
    return tuple(code for code in known() if (WORDS / f"{code}.toml").is_file())


@cache
def translation(code: str) -> Translation:
    words = tomllib.loads((WORDS / f"{code}.toml").read_text("utf-8"))
    return Translation(words, language(code))


def for_tag(tag: str | None) -> Translation | None:
    """German for de-AT; None if the language is not there."""
    code = (tag or "").partition("-")[0].strip().lower()
    return translation(code) if code in codes() else None


def for_browser(accept_language: str) -> Translation:
    """The language that the browser prefers most of those that are there, or English."""
    preferred = (for_tag(tag) for tag in _by_preference(accept_language))
    return next(filter(None, preferred), None) or translation(ENGLISH)


def _by_preference(accept_language: str) -> Iterator[str]:
    weighed: list[tuple[float, str]] = []
    for part in accept_language[:200].split(","):
        tag, _, weight = "".join(part.split()).partition(";q=")
        try:
            weighed.append((-float(weight or 1), tag))
        except ValueError:
            continue
    return (tag for weight, tag in sorted(weighed, key=lambda each: each[0]) if weight < 0)
