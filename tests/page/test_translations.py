"""The page says the same in each language, and picks the one that is understood."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, cast

import pytest

from cpor.page import translations
from cpor.page.translations import codes, translation

LANGUAGES = ("en", "de", "nl", "sv", "tr")
each_other = pytest.mark.parametrize("code", LANGUAGES[1:])


def texts(words: object, key: str = "") -> Iterator[tuple[str, str]]:
    if isinstance(words, str):
        yield key, words
    elif isinstance(words, list):
        for number, part in enumerate(cast("list[object]", words)):
            yield from texts(part, f"{key}.{number}")
    else:
        for name, part in cast("dict[str, Any]", words).items():
            yield from texts(part, f"{key}.{name}")


def test_it_speaks_the_five_languages_of_the_mails() -> None:
    assert set(codes()) == set(LANGUAGES)


@each_other
def test_each_language_says_all_of_it(code: str) -> None:
    assert (
        dict(texts(translation(code).words)).keys() == dict(texts(translation("en").words)).keys()
    )


@each_other
def test_each_language_names_the_same_facts(code: str) -> None:
    english = dict(texts(translation("en").words))
    for key, text in texts(translation(code).words):
        named, wanted = (set(re.findall(r"{\w+}", each)) for each in (text, english[key]))
        assert named <= wanted | {"{partner}"}, key
        assert named >= wanted - {"{partner}"}, key


@each_other
def test_no_text_was_left_in_english(code: str) -> None:
    english = dict(texts(translation("en").words))
    same = {key for key, text in texts(translation(code).words) if text == english[key]}
    assert same <= {".facts.claim"}, "Claim is a Dutch word, too"


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_only_markup_is_for_what_matters_most(code: str) -> None:
    for key, text in texts(translation(code).words):
        assert set(re.findall(r"<[^>]*>", text)) <= {"<strong>", "</strong>"}, key


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        ("de", "de"),
        ("sv-SE,sv;q=0.9,en;q=0.8", "sv"),
        ("fr, en;q=0.5, nl;q=0.8", "nl"),
        ("fr", "en"),
        ("", "en"),
        ("*", "en"),
        ("tr;q=0, de;q=0.1", "de"),
        ("de;q=much", "en"),
        (";;;,,,=", "en"),
        ("TR-tr", "tr"),
        ("de; q=0.9, en; q=0.8", "de"),
        ("fr ;q=1 , nl ; q = 0.5", "nl"),
    ],
)
def test_the_browser_is_answered_in_what_it_likes_best(asked: str, answered: str) -> None:
    assert translations.for_browser(asked).code == answered
