"""Names in a text: as they are, nearly as they are, and products by the catalogue."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from rapidfuzz import fuzz

from cpor.evidence.words import pattern, words
from cpor.rules import catalogue

FOUND = 92
UNCLEAR = 84
"""Scores from 0 to 100. A name that is written otherwise in one of ten letters has about 92."""
SHORTEST_FUZZY = 6
NEAR = 120
"""Characters in which the maker or the family of a product counts as near."""


@dataclass(frozen=True)
class Named:
    """Where a name was found, and how surely."""

    start: int
    end: int
    score: int


def find_name(name: str, text: str) -> Named | None:
    """The best place for it; a legal form may be missing."""
    short = without_legal_form(name)
    for each in dict.fromkeys((name, short)):
        if found := _as_words(each).search(text):
            return Named(found.start(), found.end(), 100)
    return _nearly(short, text, UNCLEAR) if len(short) >= SHORTEST_FUZZY else None


def _nearly(name: str, text: str, at_least: int) -> Named | None:
    """The place that is most like the name."""
    lower = text.lower()
    if len(lower) != len(text):
        return None  # Some letters have two in lower case: places would be wrong.
    if len(lower) < len(name):
        score = fuzz.ratio(name.lower(), lower)
        return Named(0, len(text), int(score)) if score >= at_least else None
    found = fuzz.partial_ratio_alignment(name.lower(), lower, score_cutoff=at_least)
    return Named(found.dest_start, found.dest_end, int(found.score)) if found else None


def without_legal_form(name: str) -> str:
    """The name without the words at its end that say what kind of company it is."""
    kept = name.split()
    while len(kept) > 1 and kept[-1].lower().strip(",").rstrip(".") in _legal_forms():
        kept.pop()
    return " ".join(kept).rstrip(",")


@cache
def _legal_forms() -> frozenset[str]:
    return frozenset(part.rstrip(".") for form in words("legal_forms") for part in form.split())


@cache
def _as_words(name: str) -> re.Pattern[str]:
    """As a whole word, whatever blanks and hyphens are between its parts."""
    return re.compile(rf"(?<!\w){_spaced(name)}(?!\w)", re.IGNORECASE)


def _spaced(name: str) -> str:
    return r"[\s\-]+".join(re.escape(part) for part in re.split(r"[\s-]+", name.strip()) if part)


def find_value(value: str, text: str) -> Named | None:
    """A number or an id, in upper or lower case, with nothing but itself."""
    found = re.search(rf"(?<![\w-]){re.escape(value)}(?![\w-])", text, re.IGNORECASE)
    return Named(found.start(), found.end(), 100) if found else None


def find_products(text: str) -> dict[str, Named]:
    """For each product of the catalogue its best place. A longer name hides the shorter in it."""
    best: dict[str, Named] = {}
    taken: list[tuple[int, int]] = []
    for found, code, bare in _exact(text):
        taken.append((found.start(), found.end()))
        place = Named(found.start(), found.end(), 100)
        if bare and not _is_meant(found, text):
            place = Named(found.start(), found.end(), UNCLEAR)
        if code not in best or best[code].score < place.score:
            best[code] = place
    for code, name in _long_names():
        if code in best and best[code].score >= FOUND:
            continue
        near = _nearly(name, text, UNCLEAR + 4)
        if near and not any(start < near.end and near.start < end for start, end in taken):
            best[code] = near
    return best


def _exact(text: str) -> Iterator[tuple[re.Match[str], str, bool]]:
    for found in _any_product().finditer(text):
        key = re.sub(r"[\s-]+", " ", found.group()).lower()
        code, bare = _codes()[key]
        yield found, code, bare


def _is_meant(found: re.Match[str], text: str) -> bool:
    """An ordinary word is a product where it is written as a name, near its maker or family.

    In the same sentence: in German, every noun is written as a name is.
    """
    if not found.group()[:1].isupper():
        return False
    before = text[max(0, found.start() - NEAR) : found.start()]
    return bool(pattern("families").search(before.rpartition(". ")[2]))


@cache
def _codes() -> dict[str, tuple[str, bool]]:
    """By each way to write it: the product, and whether that is an ordinary word."""
    known: dict[str, tuple[str, bool]] = {}
    for product in catalogue.products():
        for name in (product.name, *product.aliases):
            bare = name == product.name and product.code in words("ordinary")
            known[re.sub(r"[\s-]+", " ", name).lower()] = (product.code, bare)
    return known


@cache
def _any_product() -> re.Pattern[str]:
    longest_first = sorted(_codes(), key=len, reverse=True)
    each = "|".join(map(_spaced, longest_first))
    return re.compile(rf"(?<!\w)(?:{each})(?!\w)", re.IGNORECASE)


@cache
def _long_names() -> tuple[tuple[str, str], ...]:
    """Those long enough that a slip of the pen is still the same name."""
    return tuple(
        (product.code, product.name)
        for product in catalogue.products()
        if len(product.name) >= 10 and product.code not in words("ordinary")
    )
