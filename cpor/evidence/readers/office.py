"""Word, Excel and PowerPoint: text by page, sheet and slide."""

from __future__ import annotations

import io
from collections.abc import Iterable
from typing import Any

import docx
import openpyxl
import pptx

from cpor.evidence.deadline import Deadline
from cpor.evidence.readers import package
from cpor.evidence.reading import Notes

MOST_CELLS = 200_000
CELLS_TOGETHER = 2_000
_W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def read_docx(content: bytes, notes: Notes, deadline: Deadline) -> None:
    if not package.is_safe(content, notes, deadline):
        return
    document = docx.Document(io.BytesIO(content))
    for number, text in enumerate(_pages(document.element.body), 1):
        notes.add(f"page {number}", text)
    for section in document.sections:
        for part in (section.header, section.footer):
            if not part.is_linked_to_previous:
                notes.add("header or footer", "\n".join(each.text for each in part.paragraphs))


def _pages(body: Any) -> Iterable[str]:
    """Pages as the program that wrote the file last saw them."""
    page: list[str] = []
    for element in body.iter():
        tag = element.tag
        if tag == f"{_W}t":
            page.append(element.text or "")
        elif tag == f"{_W}lastRenderedPageBreak" or (
            tag == f"{_W}br" and element.get(f"{_W}type") == "page"
        ):
            if any(text.strip() for text in page):
                yield "".join(page)
                page = []
        elif tag in (f"{_W}br", f"{_W}cr", f"{_W}p"):
            page.append("\n")
        elif tag in (f"{_W}tab", f"{_W}tc"):
            page.append("\t")
    yield "".join(page)


def read_xlsx(content: bytes, notes: Notes, deadline: Deadline) -> None:
    if not package.is_safe(content, notes, deadline):
        return
    book = openpyxl.load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    room = MOST_CELLS
    for sheet in book.worksheets:
        sheet.reset_dimensions()
        rows: list[str] = []
        for row in sheet.iter_rows(values_only=True):
            cells = [_shown(cell) for cell in row if cell is not None]
            room -= len(row) or 1
            rows.append("\t".join(cells))
            if room <= 0 or deadline.is_over or notes.is_full:
                notes.find("cut_short", f"only the first {MOST_CELLS - room:,} cells were read")
                break
            if len(rows) >= CELLS_TOGETHER:
                notes.add(f"sheet {sheet.title}", "\n".join(rows))
                rows = []
        notes.add(f"sheet {sheet.title}", "\n".join(rows))
        if room <= 0 or deadline.is_over or notes.is_full:
            return


def _shown(cell: object) -> str:
    """A date without its midnight, as it is seen in the sheet."""
    return str(cell).removesuffix(" 00:00:00")


def read_pptx(content: bytes, notes: Notes, deadline: Deadline) -> None:
    if not package.is_safe(content, notes, deadline):
        return
    slides = pptx.Presentation(io.BytesIO(content)).slides
    for number, slide in enumerate(slides, 1):
        if deadline.is_over:
            notes.find("cut_short", f"only the first {number - 1} slides were read")
            return
        text = list(_texts(slide.shapes, depth=0))
        if slide.has_notes_slide and slide.notes_slide.notes_text_frame is not None:
            text.append(slide.notes_slide.notes_text_frame.text)
        notes.add(f"slide {number}", "\n".join(text))


def _texts(shapes: Any, depth: int) -> Iterable[str]:
    for shape in shapes:
        if shape.has_text_frame:
            yield shape.text_frame.text
        if getattr(shape, "has_table", False) and shape.has_table:
            for row in shape.table.rows:
                yield "\t".join(cell.text for cell in row.cells)
        if hasattr(shape, "shapes") and depth < 10:
            yield from _texts(shape.shapes, depth + 1)
