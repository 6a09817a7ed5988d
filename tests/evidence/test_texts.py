"""The text of a proof file, with where it stands."""

from __future__ import annotations

import pytest

from cpor.evidence.reader import read
from tests.evidence import documents

ATTACHED = {"sow.docx": documents.word("Teams")}


def places(content: bytes, name: str) -> dict[str, str]:
    return {passage.place: passage.text for passage in read(content, name).passages}


def test_a_pdf_by_page() -> None:
    assert places(documents.pdf("Teams", "Intune"), "a.pdf") == {
        "page 1": "Teams",
        "page 2": "Intune",
    }


def test_word_by_page() -> None:
    assert places(documents.word("Teams", "Intune"), "a.docx") == {"page 1": "Teams\nIntune"}


def test_excel_by_sheet() -> None:
    book = documents.excel({"Scope": [["Teams", 300]], "Prices": [["Intune"]]})
    assert places(book, "a.xlsx") == {"sheet Scope": "Teams\t300", "sheet Prices": "Intune"}


def test_powerpoint_by_slide() -> None:
    assert places(documents.slides("Teams", "Intune"), "a.pptx") == {
        "slide 1": "Teams",
        "slide 2": "Intune",
    }


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.eml", documents.mail("We confirm.", {"sow.docx": documents.word("Teams")})),
        (
            "a.msg",
            documents.outlook(
                "Acknowledgement", "We confirm.", {"sow.docx": documents.word("Teams")}
            ),
        ),
    ],
)
def test_a_mail_by_headers_text_and_attachments(name: str, content: bytes) -> None:
    found = places(content, name)
    assert found["text"] == "We confirm."
    assert found["attached sow.docx, page 1"] == "Teams"
    assert "Subject: Acknowledgement" in found["headers"]


def test_a_mail_of_markup_without_it() -> None:
    plain = documents.mail("x").replace(b"text/plain", b"text/html")
    found = places(
        plain.replace(b"\nx\n", b"\n<style>b</style><p>We <b>confirm</b></p>\n"), "a.eml"
    )
    assert found["text"] == "We confirm"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_text_in_what_people_save_it_as(encoding: str) -> None:
    assert places("bestätigt".encode(encoding), "a.txt") == {"line 1": "bestätigt"}


@pytest.mark.parametrize(
    ("name", "content"),
    [("a.png", documents.picture()), ("a.pdf", documents.pdf("", image=True))],
)
def test_a_scan_says_that_people_have_to_read_it(name: str, content: bytes) -> None:
    found = read(content, name)
    assert "scan" in [finding.code for finding in found.findings]
    assert found.verdict == "clean"
    assert "read" in found.findings[0].text


def test_of_an_endless_text_the_beginning_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cpor.evidence.reading.MOST_TEXT", 1000)
    found = read(b"Teams\n" * 1000, "a.txt")
    assert len(found.text) <= 1010
    assert [finding.code for finding in found.findings] == ["cut_short"]


def test_what_takes_too_long_is_kept_as_far_as_it_was_read() -> None:
    found = read(documents.pdf("Teams", "Intune"), "a.pdf", seconds=0)
    assert not found.passages
    assert [finding.code for finding in found.findings] == ["unreadable", "cut_short"]


def test_a_table_that_is_cut_says_after_how_many_cells() -> None:
    book = documents.excel({"One": [["a", "b"]] * 50, "Two": [["c"]]})
    found = read(book, "a.xlsx", seconds=0)
    assert "only the first 2 cells were read" in [each.text for each in found.findings]
    assert "Two" not in found.text


def test_of_a_full_table_no_other_sheet_is_begun(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("cpor.evidence.reading.MOST_TEXT", 10)
    book = documents.excel({"One": [["a" * 20]] * 2001, "Two": [["c"]]})
    texts = [each.text for each in read(book, "a.xlsx").findings]
    assert texts == [
        "only the first 10 characters were read",
        "only the first 2,001 cells were read",
    ]
