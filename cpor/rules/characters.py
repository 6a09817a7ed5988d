"""Which characters are letters, blanks or not shown: tables of our own, which never change.

Python's `isprintable` and the classes of its regular expressions follow the Unicode version of the
interpreter. A claim is replayed for years, by interpreters that do not exist yet, and must judge a
text as it did the first time. The tables hold what Unicode 15.1 says. Code points that it does not
assign are taken, since people will type them one day; those that it has set aside for invisible
signs are not.
"""

from __future__ import annotations

import re
import tomllib
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import cache
from itertools import chain
from pathlib import Path

BLANKS = "\u00a0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u202f\u205f\u3000"
"""Spaces of any width and script, besides the usual one."""
WHITESPACE = "\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f \x85\u2028\u2029" + BLANKS
JOINERS = "\u200c\u200d"
"""Invisible, but part of Persian words and of emoji that are made of several."""


def is_printable(text: str) -> bool:
    """No character of it is a control, a format sign, a surrogate or a blank but the space."""
    if text.isascii():
        return _PRINTABLE_ASCII.fullmatch(text) is not None
    return not any(_is_in("not_printed", char) for char in text)


def is_letter_or_digit(char: str) -> bool:
    """A letter or a digit of any script."""
    if char.isascii():
        return "a" <= char <= "z" or "A" <= char <= "Z" or "0" <= char <= "9"
    return _is_in("letters_and_digits", char)


def stripped(text: str) -> str:
    """The text without the blanks around it."""
    return text.strip(WHITESPACE)


def lower(text: str) -> str:
    """The letters A to Z in lower case; all others stay."""
    return text.translate(_TO_LOWER)


def _is_in(table: str, char: str) -> bool:
    return is_between(tables("characters")[table], char)


def is_between(bounds: Sequence[int], char: str) -> bool:
    return bisect_right(bounds, ord(char)) % 2 == 1


@cache
def tables(name: str) -> Mapping[str, Sequence[int]]:
    """The first and the last + 1 of each range of a table, one after the other."""
    file = Path(__file__).with_name(f"{name}.toml")
    return {name: _bounds(text) for name, text in tomllib.loads(file.read_text("utf-8")).items()}


def _bounds(text: str) -> Sequence[int]:
    pairs = (part.partition("-") for part in text.replace("\n", " ").strip(" ").split(" "))
    each = ((int(first, 16), int(last or first, 16) + 1) for first, _, last in pairs)
    return tuple(chain.from_iterable(each))


_PRINTABLE_ASCII = re.compile("[ -~]*")
_TO_LOWER = {ord(char): ord(char) + 32 for char in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"}
