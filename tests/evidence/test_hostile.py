"""Files that are cut or damaged: each of them gets an answer."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cpor.evidence.reader import read
from tests.evidence import documents

WHOLE: Mapping[str, bytes] = {
    "a.pdf": documents.pdf("Teams", catalog="/AA << /WC << /S /JavaScript /JS (x) >> >>"),
    "locked.pdf": documents.locked("Teams"),
    "a.docx": documents.word("Teams"),
    "a.xlsx": documents.excel({"Scope": [["Teams", 1]]}),
    "a.pptx": documents.slides("Teams"),
    "a.eml": documents.mail("We confirm.", {"a.docx": documents.word("Teams")}),
    "a.msg": documents.outlook("Teams", "We confirm.", {"a.txt": b"Teams"}),
    "a.png": documents.picture("PNG"),
    "a.tiff": documents.picture("TIFF"),
    "a.txt": "Teams, bestätigt".encode("utf-16"),
}


@st.composite
def damaged(draw: st.DrawFn) -> tuple[str, bytes]:
    """Cut somewhere, and with some bits the other way round."""
    name = draw(st.sampled_from(sorted(WHOLE)))
    content = bytearray(WHOLE[name])
    for _ in range(draw(st.integers(0, 8))):
        place = draw(st.integers(0, len(content) - 1))
        content[place] ^= 1 << draw(st.integers(0, 7))
    end = draw(st.one_of(st.just(len(content)), st.integers(0, len(content))))
    return name, bytes(content[:end])


def has_an_answer(file: tuple[str, bytes]) -> None:
    """Reading raises nothing, and says what it could not do."""
    name, content = file
    assert read(content, name, seconds=5).verdict in ("clean", "suspicious", "refused")


@given(damaged())
@settings(max_examples=30, derandomize=True)
def test_a_damaged_file_gets_an_answer(file: tuple[str, bytes]) -> None:
    has_an_answer(file)


@pytest.mark.thorough
@given(damaged())
@settings(max_examples=5000, derandomize=True)
def test_so_do_thousands(file: tuple[str, bytes]) -> None:
    has_an_answer(file)
