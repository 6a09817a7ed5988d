"""Names of parties. They stand in mails in our name, so nothing else than a name fits into them.

No address can be written in one, no telephone number and no text that runs backwards; and letters
of one script cannot pass for those of another.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated

from cpor.rules.characters import is_between, is_letter_or_digit, stripped, tables
from cpor.rules.shapes import Check

MOST_CHARACTERS = 80
MOST_DIGITS = 5
MOST_DIALLED = 7
"""Blanks and signs between digits make no number shorter: it can be dialled all the same."""
PUNCTUATION = frozenset(" .,:;&+-!?*#%_|()'\"‘’ʼ“”„‚«»‹›‐–—·・、。「」『』（）®™©°ºª§№")
PROLONGED = "\u30fc"
"""The sign for a long vowel in Japanese, which belongs to two scripts."""


def _name(value: str) -> str:
    value = stripped(value)
    if not value:
        raise ValueError("must not be empty")
    if len(value) > MOST_CHARACTERS:
        raise ValueError(f"must have at most {MOST_CHARACTERS} characters")
    scripts = {_script(char) for char in set(value)}
    if None in scripts:
        raise ValueError("must have only letters, digits, blanks and usual punctuation")
    if len(scripts - {"latin", ""}) > 1:
        raise ValueError("must be of one script, beside Latin letters")
    digits = {char for char in set(value) if _is_digit(char)}
    dialled = _longest_number(value, digits, PUNCTUATION)
    if _longest_number(value, digits) > MOST_DIGITS or dialled > MOST_DIALLED:
        raise ValueError(
            f"must not have more than {MOST_DIGITS} digits in a row, "
            f"nor more than {MOST_DIALLED} without a letter between"
        )
    return value


def _script(char: str) -> str | None:
    """Empty for what goes with all scripts; None for what is in no name."""
    known = tables("scripts")
    if char in PUNCTUATION or char == PROLONGED or (char.isascii() and is_letter_or_digit(char)):
        return "latin" if char.isascii() else ""
    if is_between(known["any"], char):
        return ""
    scripts = (name for name in known if name not in ("any", "digits"))
    return next((name for name in scripts if is_between(known[name], char)), None)


def _longest_number(value: str, digits: Collection[str], between: Collection[str] = ()) -> int:
    """The most digits in a row, or with no more than these signs between them."""
    length, longest = 0, 0
    for char in value:
        if char in digits:
            length += 1
            longest = max(longest, length)
        elif char not in between:
            length = 0
    return longest


def _is_digit(char: str) -> bool:
    return is_between(tables("scripts")["digits"], char)


PartyName = Annotated[
    str,
    Check(
        _name,
        minLength=1,
        maxLength=MOST_CHARACTERS,
        pattern=r"^[^\x00-\x08\x0e-\x1b/<>@\[\\\]^`{}~\x7f]+$",
        description=(
            "A name of letters of one script and of Latin ones, digits (not more than "
            f"{MOST_DIGITS} in a row), blanks and usual punctuation."
        ),
        examples=["Fabrikam", "Ada Berg"],
    ),
]
