"""The reason that a visitor typed, in the form that a claim accepts."""

from __future__ import annotations

import unicodedata

from cpor.rules.characters import JOINERS

LINE_ENDS = {"Zl": "\n", "Zp": "\n"}


def cleaned(note: str) -> str:
    """The note without control characters and without space around it."""
    lines = note.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(map(_kept, lines)).strip(" \n\t" + JOINERS)


def _kept(char: str) -> str:
    if char.isprintable() or char in "\n\t" + JOINERS:
        return char
    category = unicodedata.category(char)
    return LINE_ENDS.get(category, " ") if category.startswith("Z") else ""
