"""Small files of each type, made here: no file of anybody else is kept for the tests."""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import docx
import openpyxl
import pptx
from PIL import Image
from pptx.util import Inches
from pypdf import PdfReader, PdfWriter


def pdf(*pages: str, catalog: str = "", objects: Sequence[str] = (), image: bool = False) -> bytes:
    """Each text is a page. More of the catalog, and more objects (from number 10), by hand."""
    bodies: dict[int, bytes] = {3: b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"}
    picture = b"<< /Type /XObject /Subtype /Image /Width 1 /Height 1 /ColorSpace /DeviceGray"
    bodies[4] = _stream(picture + b" /BitsPerComponent 8", b"\x00")
    kids: list[str] = []
    for number, text in enumerate(pages):
        place = 100 + 2 * number
        kids.append(f"{place} 0 R")
        shown = "/XObject << /X 4 0 R >>" if image else ""
        bodies[place] = (
            f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents {place + 1} 0 R "
            f"/Resources << /Font << /F 3 0 R >> {shown} >> >>"
        ).encode()
        bodies[place + 1] = _stream(b"<<", _shown(text))
    bodies[1] = f"<< /Type /Catalog /Pages 2 0 R {catalog} >>".encode()
    bodies[2] = f"<< /Type /Pages /Kids [{' '.join(kids)}] /Count {len(kids)} >>".encode()
    bodies.update({10 + number: body.encode() for number, body in enumerate(objects)})
    return _file(bodies)


def locked(*pages: str, password: str = "secret") -> bytes:
    """A PDF that opens with this password only; with an empty one, that must not be changed."""
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf(*pages))))
    writer.encrypt(password, "owner", algorithm="AES-256")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _stream(dictionary: bytes, content: bytes) -> bytes:
    length = f" /Length {len(content)} >>\nstream\n".encode()
    return dictionary + length + content + b"\nendstream"


def _shown(text: str) -> bytes:
    escaped = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    lines = "".join(f"({line}) Tj T*\n" for line in escaped.splitlines())
    return f"BT /F 11 Tf 14 TL 60 780 Td\n{lines}ET".encode("cp1252", "replace")


def _file(bodies: Mapping[int, bytes]) -> bytes:
    out = io.BytesIO(b"%PDF-1.7\n")
    out.seek(0, io.SEEK_END)
    places: dict[int, int] = {}
    for number in sorted(bodies):
        places[number] = out.tell()
        out.write(f"{number} 0 obj\n".encode() + bodies[number] + b"\nendobj\n")
    start = out.tell()
    out.write(b"xref\n0 1\n0000000000 65535 f \n")
    for number in sorted(places):
        out.write(f"{number} 1\n{places[number]:010} 00000 n \n".encode())
    size = max(places) + 1
    out.write(f"trailer\n<< /Size {size} /Root 1 0 R >>\nstartxref\n{start}\n%%EOF\n".encode())
    return out.getvalue()


def word(*paragraphs: str) -> bytes:
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    return _saved(document)


def excel(sheets: Mapping[str, Sequence[Sequence[Any]]]) -> bytes:
    book = openpyxl.Workbook()
    book.remove(book.worksheets[0])
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    return _saved(book)


def slides(*texts: str) -> bytes:
    deck = pptx.Presentation()
    for text in texts:
        slide = deck.slides.add_slide(deck.slide_layouts[6])
        box = slide.shapes.add_textbox(Inches(1), Inches(1), Inches(6), Inches(2))
        box.text_frame.text = text
    return _saved(deck)


def _saved(document: Any) -> bytes:
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def with_part(package: bytes, name: str, content: bytes) -> bytes:
    """The same file with one more part, or another in its place."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(package)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.infolist():
            if part.filename != name:
                new.writestr(part, old.read(part))
        new.writestr(name, content)
    return out.getvalue()


def mail(text: str, attachments: Mapping[str, bytes] | None = None, **headers: str) -> bytes:
    message = EmailMessage()
    message["From"] = headers.get("sender", "lars@contoso.example")
    message["To"] = headers.get("to", "ada@fabrikam.example")
    message["Subject"] = headers.get("subject", "Acknowledgement")
    message["Date"] = headers.get("date", "Mon, 02 Mar 2026 10:00:00 +0100")
    message.set_content(text)
    for name, content in (attachments or {}).items():
        message.add_attachment(
            content, maintype="application", subtype="octet-stream", filename=name
        )
    return message.as_bytes()


def picture(kind: str = "PNG", size: tuple[int, int] = (40, 20)) -> bytes:
    out = io.BytesIO()
    Image.new("L", size).save(out, kind)
    return out.getvalue()


def outlook(subject: str, body: str, attachments: Mapping[str, bytes] | None = None) -> bytes:
    """A mail as Outlook keeps it: a compound file, one stream for each property."""
    tree: dict[str, Any] = {
        "__properties_version1.0": b"\0",
        "__substg1.0_0037001F": subject.encode("utf-16-le"),
        "__substg1.0_1000001F": body.encode("utf-16-le"),
        "__substg1.0_0C1A001F": "Lars Larsen".encode("utf-16-le"),
    }
    for number, (name, content) in enumerate((attachments or {}).items()):
        tree[f"__attach_version1.0_#{number:08}"] = {
            "__substg1.0_3707001F": name.encode("utf-16-le"),
            "__substg1.0_37010102": content,
        }
    return _compound(tree)


_FREE, _END, _FAT, _NONE = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD, 0xFFFFFFFF
_SECTOR = 512
_SMALLEST = 4096
"""A stream from this size on has sectors of its own; smaller ones would need a second table."""


def _compound(tree: Mapping[str, Any]) -> bytes:
    entries: list[list[Any]] = [["Root Entry", 5, _NONE, _NONE, b""]]
    _add(entries, 0, tree)
    sectors: list[bytes] = []
    table: list[int] = []

    def put(content: bytes) -> int:
        first = len(sectors)
        count = -(-len(content) // _SECTOR)
        for number in range(count):
            piece = content[number * _SECTOR : (number + 1) * _SECTOR]
            sectors.append(piece.ljust(_SECTOR, b"\0"))
            table.append(len(sectors) if number + 1 < count else _END)
        return first

    listed = b""
    for name, kind, right, child, content in entries:
        start = put(content) if kind == 2 else _END if kind == 5 else 0
        encoded = f"{name}\0".encode("utf-16-le")
        listed += encoded.ljust(64, b"\0") + struct.pack(
            "<HBBIII16sIQQIQ",
            *(len(encoded), kind, 1, _NONE, right, child, b"", 0, 0, 0, start, len(content)),
        )
    folder = put(listed)
    needed = 1
    while (len(table) + needed) * 4 > needed * _SECTOR:
        needed += 1
    first_table = len(sectors)
    table += [_FAT] * needed
    packed = struct.pack(f"<{len(table)}I", *table).ljust(needed * _SECTOR, b"\xff")
    head = struct.pack(
        "<8s16sHHHHH6xIIIIIIIII",
        *(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", b"", 0x3E, 3, 0xFFFE, 9, 6, 0, needed, folder),
        *(0, _SMALLEST, _END, 0, _END, 0),
    )
    places = [first_table + number for number in range(needed)]
    head += struct.pack("<109I", *(places + [_FREE] * 109)[:109])
    return head.ljust(_SECTOR, b"\0") + b"".join(sectors) + packed


def _add(entries: list[list[Any]], parent: int, tree: Mapping[str, Any]) -> None:
    before = None
    for name in sorted(tree, key=lambda each: (len(each), each.upper())):
        content = tree[name]
        number = len(entries)
        if isinstance(content, bytes):
            blank = b" \0" if name.endswith("001F") else b"\0"
            padding = blank * (-(-max(_SMALLEST - len(content), 0) // len(blank)))
            entries.append([name, 2, _NONE, _NONE, content + padding])
        else:
            entries.append([name, 1, _NONE, _NONE, b""])
            _add(entries, number, content)
        if before is None:
            entries[parent][3] = number
        else:
            entries[before][2] = number
        before = number


def today() -> str:
    """As people write it."""
    return f"{datetime.now(UTC):%d %B %Y}"
