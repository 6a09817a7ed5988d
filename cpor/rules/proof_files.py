"""Which types of files may be proof, and what may be found when one is looked into."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

MEDIA_TYPES: Mapping[str, str] = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
    "msg": "application/vnd.ms-outlook",
    "eml": "message/rfc822",
    "png": "image/png",
    "jpg": "image/jpeg",
    "tiff": "image/tiff",
    "txt": "text/plain",
    "csv": "text/csv",
}
FILE_TYPES = tuple(MEDIA_TYPES)

FileVerdict = Literal["clean", "suspicious", "refused"]
FindingCode = Literal[
    "empty",
    "not_accepted",
    "encrypted",
    "bomb",
    "no_pages",
    "virus",
    "wrong_type",
    "unreadable",
    "javascript",
    "launch",
    "embedded_file",
    "macros",
    "external_link",
    "ole_object",
    "program",
    "unscanned",
    "declared_type",
    "scan",
    "cut_short",
]
VERDICT_OF: Mapping[FindingCode, FileVerdict] = {
    "empty": "refused",
    "not_accepted": "refused",
    "encrypted": "refused",
    "bomb": "refused",
    "no_pages": "refused",
    "virus": "refused",
    "wrong_type": "suspicious",
    "unreadable": "suspicious",
    "javascript": "suspicious",
    "launch": "suspicious",
    "embedded_file": "suspicious",
    "macros": "suspicious",
    "external_link": "suspicious",
    "ole_object": "suspicious",
    "program": "suspicious",
    "unscanned": "suspicious",
    "declared_type": "clean",
    "scan": "clean",
    "cut_short": "clean",
}
