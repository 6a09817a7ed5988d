"""Of which type a file is, by its content."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Mapping
from typing import Any, cast

ENDINGS: Mapping[str, str] = {"jpeg": "jpg", "tif": "tiff"}
_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "png"),
    (b"\xff\xd8\xff", "jpg"),
    (b"II*\x00", "tiff"),
    (b"MM\x00*", "tiff"),
)
_MAIN_PARTS: tuple[tuple[str, str], ...] = (
    ("word/", "docx"),
    ("xl/", "xlsx"),
    ("ppt/", "pptx"),
)
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP = (b"PK\x03\x04", b"PK\x05\x06")
_HEADER = re.compile(rb"(?:[A-Za-z][A-Za-z0-9-]{0,60}:[^\n]{0,998}\n(?:[ \t][^\n]{0,998}\n)*){2}")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")
_OF_MAILS = (b"from:", b"to:", b"subject:", b"date:", b"received:", b"message-id:")


def ending_of(name: str) -> str:
    ending = name.rpartition(".")[2].lower()
    return ENDINGS.get(ending, ending)


def type_of(content: bytes, name: str) -> str:
    """An accepted type, or what the content looks like instead."""
    if b"%PDF-" in content[:1024]:
        return "pdf"
    for magic, type in _MAGIC:
        if content.startswith(magic):
            return type
    if content.startswith(_ZIP):
        return _type_of_zip(content)
    if content.startswith(_OLE):
        return _type_of_ole(content)
    return _type_of_text(content, ending_of(name))


def _type_of_zip(content: bytes) -> str:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as parts:
            names = parts.namelist()
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):  # broken in some way
        return "zip"
    if "[Content_Types].xml" in names:
        for folder, type in _MAIN_PARTS:
            if any(name.startswith(folder) for name in names):
                return type
    return "zip"


def _type_of_ole(content: bytes) -> str:
    import olefile

    try:
        opened = cast("Any", olefile).OleFileIO(io.BytesIO(content))
        with opened as ole:
            if ole.exists("__properties_version1.0"):
                return "msg"
            if ole.exists("EncryptedPackage"):
                return "encrypted office file"
    except Exception:
        # Whatever is wrong in there, it is no mail that can be read.
        return "ole"
    return "ole"


def _type_of_text(content: bytes, ending: str) -> str:
    head = content[:8192].lstrip(b"\xef\xbb\xbf").replace(b"\r\n", b"\n")
    if _HEADER.match(head) and sum(each in head.lower() for each in _OF_MAILS) >= 2:
        return "eml"
    text = decoded(content[:65536])
    if text is not None and not _CONTROLS.search(text):
        return "csv" if ending == "csv" else "txt"
    return _looks_like(content)


def _looks_like(content: bytes) -> str:
    import puremagic

    try:
        found: list[Any] = puremagic.magic_string(content[:65536])
    except Exception:
        # It tells what it does not know by an error, as what it stumbles over.
        return "unknown"
    return str(found[0].name).lower() if found and found[0].name else "unknown"


def decoded(content: bytes) -> str | None:
    """The text, by its mark of byte order, else UTF-8, else Windows' western letters."""
    for mark, encoding in (
        (b"\xff\xfe", "utf-16"),
        (b"\xfe\xff", "utf-16"),
        (b"\xef\xbb\xbf", "utf-8-sig"),
    ):
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        # A cut through a character's bytes is no other encoding.
        if error.reason == "unexpected end of data" and error.start > len(content) - 4:
            return content[: error.start].decode("utf-8")
    return None if b"\x00" in content else content.decode("cp1252", "replace")
