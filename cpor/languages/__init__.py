"""The languages that mails and pages are written in: words, plurals, lists and dates of each.

A language is read when it is first needed. The names of programs, which are the same in every
language, and the status words of the vendor's portal are in `vendor.toml`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from babel import Locale
from babel.lists import format_list

HERE = Path(__file__).parent
ENGLISH = "en"


@dataclass(frozen=True)
class Language:
    code: str
    locale: Locale
    words: Mapping[str, Any]

    def counted(self, count: int, what: str) -> str:
        """So many of something: 1 day, 2 days."""
        forms: Mapping[str, str] = self.words["plurals"][what]
        form = self.locale.plural_form(count)
        return forms[form].replace("{n}", str(count))

    def listed(self, items: Sequence[str]) -> str:
        """Teams, Exchange Online and Intune"""
        return format_list(items, locale=self.locale)


@cache
def known() -> tuple[str, ...]:
    """English first."""
    codes = {file.stem for file in (HERE / "words").glob("*.toml")}
    return ENGLISH, *sorted(codes - {ENGLISH})


def chosen(tag: str | None) -> str:
    """The language for who asked for de-AT: de; English for who asked for none that there is."""
    code = (tag or ENGLISH).partition("-")[0].lower()
    return code if code in known() else ENGLISH


@cache
def language(code: str) -> Language:
    words = _read(HERE / f"words/{code}.toml")
    vendor = vendor_words()
    return Language(
        code,
        Locale.parse(words["locale"]),
        {**words, "programs": vendor["programs"], "statuses": vendor["statuses"].get(code, {})},
    )


@cache
def vendor_words() -> Mapping[str, Any]:
    return _read(HERE / "vendor.toml")


def _read(file: Path) -> dict[str, Any]:
    return tomllib.loads(file.read_text("utf-8"))
