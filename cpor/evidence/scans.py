"""The text of scans and pictures, recognised by a program that is an extra, `ocr`.

It takes far more memory and time than to read a file, and errs, so it is done only where a file has
pictures, after the file was read, and never instead of it.
"""

from __future__ import annotations

import importlib
import logging
from collections.abc import Iterable, Iterator
from functools import cache
from importlib.util import find_spec
from typing import Any

from pydantic import BaseModel

from cpor.evidence.deadline import Deadline
from cpor.evidence.reading import Finding, Notes, Passage, Reading

SECONDS = 15.0
"""Then the pictures that are left stay unread; the process around it ends some seconds later."""
LONGEST_SIDE = 2_600
"""Pixels: a page of A4 at 220 dots an inch. What is larger is made smaller first."""


class Recognised(BaseModel):
    """What was recognised in the pictures of one file."""

    passages: list[Passage] = []
    unread: int = 0
    """Pictures for which there was no time."""


def is_installed() -> bool:
    return find_spec("rapidocr") is not None and find_spec("onnxruntime") is not None


def may_help(reading: Reading) -> bool:
    """Whether the file has pictures that nobody has tried to read."""
    is_scan = any(finding.code == "scan" for finding in reading.findings)
    return is_scan and not reading.recognised and reading.type in ("pdf", "png", "jpg", "tiff")


def warm_up() -> None:
    """Recognises a word: the models are files, and each is loaded with its first use."""
    from PIL import Image, ImageDraw

    word = Image.new("RGB", (200, 60), "white")
    ImageDraw.Draw(word).text((20, 20), "Contoso", fill="black")
    _text(word)


def read(content: bytes, type: str) -> Recognised:
    """In a child: the text of the pictures, in their order, as far as there is time."""
    notes, deadline, unread = Notes(), Deadline(SECONDS), 0
    for place, picture in _pictures(content, type):
        if deadline.is_over or notes.is_full:
            unread += 1
        else:
            notes.add(f"{place}, recognised", _text(picture))
    return Recognised(passages=notes.passages, unread=unread)


def with_text(reading: Reading, found: Recognised) -> Reading:
    """The reading with what was recognised: it may err, so a person is asked to look, too."""
    said = "their text was recognised by a program, which errs: read them yourself, too"
    if not found.passages:
        said = "no text was recognised in them: read them yourself"
    left = f"; for {found.unread} there was no time" if found.unread else ""
    findings = [
        Finding(code="scan", text=f"has pictures of text; {said}{left}")
        if each.code == "scan"
        else each
        for each in reading.findings
    ]
    update = {
        "recognised": True,
        "findings": findings,
        "passages": [*reading.passages, *found.passages],
    }
    return reading.model_copy(update=update)


def _pictures(content: bytes, type: str) -> Iterator[tuple[str, Any]]:
    if type == "pdf":
        from cpor.evidence.readers import pdf

        for number, image in pdf.scanned(content):
            yield f"page {number}", image
    else:
        from cpor.evidence.readers import picture

        for number, frame in enumerate(picture.frames(content), 1):
            yield f"picture {number}", frame


def _text(picture: Any) -> str:
    picture.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    lines: Iterable[str] | None = _engine()(picture.convert("RGB")).txts
    return "\n".join(lines or ())


@cache
def _engine() -> Any:
    # No types, and it is not installed everywhere.
    importlib.import_module("cv2").setNumThreads(0)
    logging.disable(logging.CRITICAL)
    threads = "EngineConfig.onnxruntime.{}_op_num_threads"
    one = {threads.format(each): 1 for each in ("intra", "inter")}
    engine: Any = importlib.import_module("rapidocr").RapidOCR
    return engine(params={**one, "Global.log_level": "critical", "Global.use_cls": False})
