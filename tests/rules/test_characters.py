"""A text is judged by tables of our own: the same by every interpreter, now and in ten years."""

from __future__ import annotations

import ast
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from cpor.rules import characters
from cpor.rules.characters import WHITESPACE, is_letter_or_digit, is_printable
from tests.rules.play import submitted

RULES = Path(characters.__file__).parent
NEWER_THAN_PYTHON_3_11 = "\U0001fae8"
"""A shaking face, of Unicode 15."""
SPOKEN_BY_PYTHON = {
    *("isprintable", "isspace", "isalnum", "isalpha", "isdecimal", "isdigit", "isnumeric"),
    *("casefold", "lower", "upper", "title", "capitalize", "swapcase"),
}
TABLES_OF_OTHERS = {"unicodedata", "idna", "email", "zoneinfo", "locale", "babel"}
READS_ONLY_OUR_FILES = ("lifecycle.py", "table.py", "shapes.py")
"""The tables of the lifecycle and of associations, and the endings of files: all of it ASCII."""


def assigned() -> Iterator[str]:
    return (char for char in map(chr, range(0x110000)) if unicodedata.category(char) != "Cn")


def test_what_unicode_assigned_until_now_is_judged_as_python_judges_it() -> None:
    for char in assigned():
        if unicodedata.unidata_version <= "15.1.0":
            assert is_printable(char) is char.isprintable(), hex(ord(char))
            assert is_letter_or_digit(char) is bool(re.fullmatch(r"[^\W_]", char)), hex(ord(char))
        assert (char in WHITESPACE) is char.isspace(), hex(ord(char))


@pytest.mark.parametrize("char", ["\u2065", "\ufff0", "\ufdd0", "\uffff", "\U000e0fff"])
def test_what_is_set_aside_for_invisible_signs_is_refused_before_it_is_one(char: str) -> None:
    assert not is_printable(char)


def test_a_sign_newer_than_the_interpreter_may_be_written() -> None:
    play = submitted()
    assert play.tell("comment", text=f"What a day {NEWER_THAN_PYTHON_3_11}").outcome == "accepted"
    assert NEWER_THAN_PYTHON_3_11 in play.last.text


def test_what_is_quoted_in_a_refusal_does_not_depend_on_the_interpreter() -> None:
    play = submitted()
    receipt = play.hear(f"{NEWER_THAN_PYTHON_3_11}\u200b", {})
    assert receipt.text.startswith(f"'{NEWER_THAN_PYTHON_3_11}?' is no message")


@pytest.mark.parametrize("file", sorted(RULES.rglob("*.py")), ids=lambda file: file.stem)
def test_no_rule_asks_the_interpreters_or_a_librarys_tables(file: Path) -> None:
    found = [
        asked
        for asked in _asked(ast.parse(file.read_text("utf-8")))
        if file.name not in READS_ONLY_OUR_FILES or asked in TABLES_OF_OTHERS
    ]
    assert not found


def _asked(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        match node:
            case ast.Attribute(attr=name) if name in SPOKEN_BY_PYTHON:
                yield name
            case ast.Call(func=ast.Attribute(attr="strip" | "split" as name), args=[]):
                yield f"{name} without saying at what"
            case ast.Constant(value=str(pattern)) if re.search(r"\\[wWdDbB]", pattern):
                yield pattern
            case ast.FormattedValue(conversion=114):
                yield "repr, which escapes what the interpreter does not know"
            case ast.Import(names=names):
                yield from {name.name for name in names} & TABLES_OF_OTHERS
            case ast.ImportFrom(module=str(module)):
                yield from {module} & TABLES_OF_OTHERS
            case _:
                pass
