"""Text in pictures is recognised where the extra `ocr` is installed; people look at them, too."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator, Sequence
from functools import partial
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont

from cpor.evidence import confinement, kept, reader, scans
from cpor.evidence.confinement import SCANS, Readers
from cpor.evidence.kept import KeptReading
from cpor.evidence.readers import pdf, picture
from cpor.evidence.reading import Finding, Passage
from cpor.evidence.scans import Recognised
from cpor.store import Store

TEXT = "Fabrikam rolls out Microsoft Teams for Contoso"
with_ocr = pytest.mark.skipif(not scans.is_installed(), reason="the extra ocr is not installed")


def page(text: str) -> Image.Image:
    picture = Image.new("RGB", (1000, 160), "white")
    ImageDraw.Draw(picture).text((20, 60), text, font=ImageFont.load_default(32), fill="black")
    return picture


def saved(kind: str, pages: Sequence[Image.Image]) -> bytes:
    file = io.BytesIO()
    pages[0].save(file, kind, save_all=len(pages) > 1, append_images=pages[1:])
    return file.getvalue()


async def pieces(content: bytes) -> AsyncIterator[bytes]:
    yield content


@with_ocr
@pytest.mark.thorough
async def test_the_text_of_pictures_and_of_scanned_pages_is_recognised() -> None:
    """By models that are loaded once, in processes that can open no file."""
    async with Readers() as readers:
        for name, kind in (("a.png", "PNG"), ("a.pdf", "PDF")):
            found = await readers.read(partial(pieces, saved(kind, [page(TEXT)])), name)
            assert (found.recognised, found.verdict) == (True, "clean")
            assert TEXT in found.text, name
            assert [each.code for each in found.findings] == ["scan"]
            assert "which errs" in found.findings[0].text


async def test_where_text_recognition_does_not_answer_the_reading_stands(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(scans, "is_installed", lambda: True)
    asked = Readers.answer_of

    async def fails(
        readers: Readers, work: str, about: object, chunks: AsyncIterator[bytes]
    ) -> bytes:
        if work == SCANS:
            raise confinement.NoReader("no child was forked")
        return await asked(readers, work, about, chunks)

    monkeypatch.setattr(Readers, "answer_of", fails)
    async with Readers() as readers:
        found = await readers.read(partial(pieces, saved("PNG", [page(TEXT)])), "a.png")
    assert found.findings == [
        Finding(
            code="scan",
            text="has pictures of text; no text was recognised in them: read them yourself",
        )
    ]
    assert found.recognised, "it is not tried again and again"


def test_only_files_with_pictures_are_given_to_it_and_each_once() -> None:
    scan = reader.read(saved("PNG", [page(TEXT)]), "a.png")
    assert scans.may_help(scan)
    assert not scans.may_help(reader.read(b"a text", "a.txt"))
    found = Recognised(passages=[Passage(place="picture 1, recognised", text=TEXT)], unread=2)
    again = scans.with_text(scan, found)
    assert (again.text, scans.may_help(again)) == (TEXT, False)
    assert again.findings[0].text.endswith("read them yourself, too; for 2 there was no time")


def test_pages_of_a_pdf_that_are_pictures_are_found_with_their_numbers() -> None:
    content = saved("PDF", [page(TEXT), page(TEXT)])
    assert [number for number, _ in pdf.scanned(content)] == [1, 2]


def test_a_tiff_may_have_many_pages() -> None:
    content = saved("TIFF", [page(TEXT), page(TEXT)])
    assert len(list(picture.frames(content))) == 2


async def test_what_was_kept_without_it_is_read_anew_once_it_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, file = Store.open(str(tmp_path)), ("0" * 64, "a.png", "image/png")
    scan = reader.read(saved("PNG", [page(TEXT)]), "a.png")
    await kept.keep(
        store, "C-1", file[0], KeptReading(name="a.png", media_type="image/png", reading=scan)
    )
    for installed in (False, True):
        monkeypatch.setattr(scans, "is_installed", lambda there=installed: there)
        found = await kept.found_in(store, "C-1", *file)
        assert (found is None) == installed
