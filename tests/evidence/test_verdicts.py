"""Whether a proof file is safe to open, by what is in it."""

from __future__ import annotations

import io
import zipfile

import pytest

from cpor.evidence.reader import read
from cpor.evidence.readers import package
from cpor.evidence.reading import Notes, Reading
from tests.evidence import documents

JAVASCRIPT = "<< /S /JavaScript /JS (app.alert\\(1\\)) >>"


def codes(reading: Reading) -> list[str]:
    return [finding.code for finding in reading.findings]


@pytest.mark.parametrize(
    ("name", "content", "type"),
    [
        ("sow.pdf", documents.pdf("Teams"), "pdf"),
        ("sow.docx", documents.word("Teams"), "docx"),
        ("sow.xlsx", documents.excel({"Scope": [["Teams"]]}), "xlsx"),
        ("sow.pptx", documents.slides("Teams"), "pptx"),
        ("ok.eml", documents.mail("We confirm."), "eml"),
        ("ok.msg", documents.outlook("Teams", "We confirm."), "msg"),
        ("ok.txt", b"We confirm.", "txt"),
        ("ok.csv", b"product;users\nTeams;300\n", "csv"),
        ("scan.png", documents.picture("PNG"), "png"),
        ("scan.JPEG", documents.picture("JPEG"), "jpg"),
        ("scan.tif", documents.picture("TIFF"), "tiff"),
    ],
)
def test_a_file_of_each_accepted_type_is_clean(name: str, content: bytes, type: str) -> None:
    found = read(content, name)
    assert (found.type, found.verdict) == (type, "clean")


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.txt", b"", "empty"),
        ("a.pdf", b"\0" * 512, "empty"),
        ("a.pdf", b"MZ\x90\x00\x03\x00\x00\x00" * 64, "not_accepted"),
        (
            "a.docx",
            documents.with_part(documents.word(), "word/x", b"")[:0] + b"PK\x05\x06" + b"\0" * 18,
            "not_accepted",
        ),
        ("a.pdf", documents.pdf(), "no_pages"),
    ],
)
def test_what_cannot_be_proof_is_refused(name: str, content: bytes, code: str) -> None:
    found = read(content, name)
    assert (found.verdict, codes(found)) == ("refused", [code])


def test_a_picture_that_would_fill_the_memory_is_refused() -> None:
    found = read(documents.picture(size=(11_000, 10_000)), "a.png")
    assert (found.verdict, codes(found)) == ("refused", ["bomb"])


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (documents.pdf("x", catalog="/OpenAction 10 0 R", objects=[JAVASCRIPT]), "javascript"),
        (
            documents.pdf("x", catalog=f"/AA << /WC {JAVASCRIPT} >>"),
            "javascript",
        ),
        (
            documents.pdf("x", catalog="/OpenAction << /S /Launch /F (cmd.exe) >>"),
            "launch",
        ),
        (
            documents.pdf(
                "x",
                catalog="/Names << /EmbeddedFiles << /Names [(a) 10 0 R] >> >>",
                objects=["<< /Type /Filespec /F (a.exe) >>"],
            ),
            "embedded_file",
        ),
    ],
)
def test_a_pdf_that_acts_by_itself_is_suspicious(content: bytes, code: str) -> None:
    found = read(content, "sow.pdf")
    assert (found.verdict, codes(found)) == ("suspicious", [code])
    assert found.passages[0].text == "x"


def test_a_pdf_that_needs_a_password_is_refused_and_says_what_to_do() -> None:
    found = read(documents.locked("Teams", password="secret"), "sow.pdf")
    assert found.verdict == "refused"
    assert found.findings[0].text == "needs a password: add it without one"


def test_a_pdf_that_only_must_not_be_changed_is_read() -> None:
    found = read(documents.locked("Teams", password=""), "sow.pdf")
    assert (found.verdict, found.text) == ("clean", "Teams")


def external(kind: str, target: str) -> bytes:
    return (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="r1" Type="http://x/{kind}" Target="{target}" TargetMode="External"/>'
        "</Relationships>"
    ).encode()


@pytest.mark.parametrize(
    ("part", "content", "code"),
    [
        ("word/vbaProject.bin", b"\xd0\xcf\x11\xe0 macros", "macros"),
        ("word/embeddings/oleObject1.bin", b"x", "ole_object"),
        ("word/activeX/activeX1.xml", b"<a/>", "ole_object"),
        ("word/embeddings/book.xlsx", b"x", "embedded_file"),
        (
            "word/_rels/settings.xml.rels",
            external("attachedTemplate", "http://evil.example/a"),
            "external_link",
        ),
        ("word/more.xml", b"<a>DDEAUTO c:\\\\windows</a>", "external_link"),
        ("word/more.xml", b"<a", "unreadable"),
    ],
)
def test_an_office_file_that_brings_other_things_along_is_suspicious(
    part: str, content: bytes, code: str
) -> None:
    found = read(documents.with_part(documents.word("Teams"), part, content), "sow.docx")
    assert (found.verdict, codes(found)) == ("suspicious", [code])


def test_a_link_to_click_on_is_no_reason_to_be_careful() -> None:
    content = external("hyperlink", "https://contoso.example")
    found = read(
        documents.with_part(documents.word("Teams"), "word/_rels/more.xml.rels", content), "a.docx"
    )
    assert found.verdict == "clean"


@pytest.mark.parametrize(
    ("part", "content"),
    [
        ("word/zeros.xml", b"<a>" + b"0" * 30_000_000 + b"</a>"),
        ("word/laughs.xml", b'<!DOCTYPE a [<!ENTITY b "ha"><!ENTITY c "&b;&b;">]><a>&c;</a>'),
    ],
)
def test_an_office_file_that_would_fill_memory_is_refused(part: str, content: bytes) -> None:
    found = read(documents.with_part(documents.word("Teams"), part, content), "sow.docx")
    assert (found.verdict, codes(found)) == ("refused", ["bomb"])


def test_so_is_one_of_too_many_parts() -> None:
    out = io.BytesIO(documents.word("Teams"))
    with zipfile.ZipFile(out, "a") as parts:
        for number in range(package.MOST_PARTS):
            parts.writestr(f"word/{number}.txt", b"")
    assert codes(read(out.getvalue(), "sow.docx")) == ["bomb"]


def test_a_name_that_says_another_type_is_suspicious() -> None:
    found = read(documents.word("Teams"), "sow.pdf")
    assert found.findings[0].text == "is named pdf, and is docx"
    assert (found.verdict, found.text) == ("suspicious", "Teams")


def test_a_type_that_was_declared_otherwise_is_only_said() -> None:
    found = read(documents.pdf("Teams"), "sow.pdf", "image/png")
    assert (found.verdict, codes(found)) == ("clean", ["declared_type"])


def test_a_damaged_file_says_so_and_is_not_refused() -> None:
    found = read(documents.word("Teams" * 100)[:-400] + b"x" * 400, "sow.docx")
    assert found.verdict in ("suspicious", "refused")
    assert found.findings


def test_what_is_attached_to_a_mail_counts_for_the_mail() -> None:
    bad = documents.pdf("x", catalog="/OpenAction 10 0 R", objects=[JAVASCRIPT])
    found = read(documents.mail("See.", {"sow.pdf": bad, "run.exe": b"MZ"}), "a.eml")
    assert codes(found) == ["javascript", "program"]
    assert found.findings[0].text == "attached sow.pdf: has JavaScript in it"


def test_a_mail_attached_to_an_attached_mail_is_left_unread() -> None:
    inner = documents.mail("inner", {"deep.txt": b"deepest"})
    found = read(documents.mail("outer", {"inner.eml": inner}), "a.eml")
    assert "inner" in found.text
    assert "deepest" not in found.text
    assert codes(found) == ["cut_short"]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", documents.pdf("x", catalog=f"/AA << /WC {JAVASCRIPT} >>")),
        ("a.docx", documents.word("Teams")),
    ],
)
def test_what_was_not_looked_through_in_time_is_not_called_clean(name: str, content: bytes) -> None:
    found = read(content, name, seconds=0)
    assert found.verdict == "suspicious"
    assert "could not be looked through" in found.findings[0].text


def test_a_mail_of_more_attachments_than_are_read_is_not_called_clean() -> None:
    many = {f"{number}.txt": b"harmless" for number in range(51)}
    found = read(documents.mail("See.", many), "a.eml")
    assert (found.verdict, codes(found)) == ("suspicious", ["unreadable"])


def test_harmless_findings_leave_room_for_the_one_that_counts() -> None:
    notes = Notes()
    for number in range(60):
        notes.find("cut_short", f"{number}")
    notes.find("javascript", "has JavaScript in it")
    assert [each.code for each in notes.findings].count("cut_short") == 50
    assert notes.findings[-1].code == "javascript"


def test_numbers_and_names_of_a_pdf_do_not_count_for_its_objects(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("cpor.evidence.readers.pdf.MOST_OBJECTS", 100)
    many = " ".join(map(str, range(1000)))
    assert read(documents.pdf("x", catalog=f"/X [{many}]"), "a.pdf").verdict == "clean"
    many = "[] " * 1000
    assert read(documents.pdf("x", catalog=f"/X [{many}]"), "a.pdf").verdict == "suspicious"


def test_chapters_of_a_pdf_that_lead_to_each_other_are_no_reason_to_be_careful() -> None:
    chapters = [
        "<< /Type /Outlines /First 11 0 R /Last 12 0 R >>",
        "<< /Title (One) /Parent 10 0 R /Next 12 0 R >>",
        "<< /Title (Two) /Parent 10 0 R /Prev 11 0 R >>",
    ]
    found = read(documents.pdf("Teams", catalog="/Outlines 10 0 R", objects=chapters), "a.pdf")
    assert (found.verdict, codes(found)) == ("clean", [])


def test_what_starts_a_program_is_found_behind_a_reference_too() -> None:
    action = ["<< /S 11 0 R /F (calc.exe) >>", "/Launch"]
    found = read(documents.pdf("Teams", catalog="/OpenAction 10 0 R", objects=action), "a.pdf")
    assert "launch" in codes(found)
