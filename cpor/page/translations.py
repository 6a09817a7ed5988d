"""What the page says, in each of its languages: the words are data, one file a language."""

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
class Voice:
    words: Mapping[str, Any]
    language: Language
    """Its dates and lists, as the mails have them."""

    @property
    def code(self) -> str:
        return self.language.code

    def say(self, key: str, facts: Mapping[str, object]) -> Markup:
        """The words under a key such as ask.title, filled in; what people wrote is no markup."""
        part, _, name = key.partition(".")
        return filled(self.words[part][name], facts)


def filled(words: str, facts: Mapping[str, object]) -> Markup:
    return Markup(words).format(**facts)


@cache
def codes() -> tuple[str, ...]:
    """Those that mails are written in, too. English first."""
    return tuple(code for code in known() if (WORDS / f"{code}.toml").is_file())


@cache
def voice(code: str) -> Voice:
    words = tomllib.loads((WORDS / f"{code}.toml").read_text("utf-8"))
    return Voice(words, language(code))


def of(tag: str | None) -> Voice | None:
    """For who asked for de-AT: German."""
    code = (tag or "").partition("-")[0].strip().lower()
    return voice(code) if code in codes() else None


def of_browser(accept_language: str) -> Voice:
    """The first that the browser likes and we have; English otherwise."""
    liked = (of(tag) for tag in _by_liking(accept_language))
    return next(filter(None, liked), None) or voice(ENGLISH)


def _by_liking(accept_language: str) -> Iterator[str]:
    weighed: list[tuple[float, str]] = []
    for part in accept_language[:200].split(","):
        tag, _, weight = "".join(part.split()).partition(";q=")
        try:
            weighed.append((-float(weight or 1), tag))
        except ValueError:
            continue
    return (tag for weight, tag in sorted(weighed, key=lambda each: each[0]) if weight < 0)
