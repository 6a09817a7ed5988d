"""What files of Word, Excel and PowerPoint share: a zip of parts, most of them XML."""

from __future__ import annotations

import importlib
import io
import re
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from typing import Any
from xml.parsers import expat

from defusedxml import ElementTree

from cpor.evidence.deadline import Deadline
from cpor.evidence.reading import Notes, quoted

MOST_PARTS = 5_000
MOST_UNPACKED = 200 * 1024 * 1024
MOST_XML = 50 * 1024 * 1024
"""Of one part, unpacked."""
MOST_RATIO = 250
"""Unpacked to packed. Real parts of text reach about 100; only parts of some size are judged."""
SMALL = 1024 * 1024

_RELATIONSHIP = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_HARMLESS = ("/hyperlink", "/image")
_OLE = re.compile(r"(^|/)(embeddings/[^/]+\.bin|activeX/)", re.IGNORECASE)
_EMBEDDED = re.compile(r"(^|/)embeddings/[^/]+$", re.IGNORECASE)
_MACROS = re.compile(r"(^|/)vbaProject\.bin$", re.IGNORECASE)
_FETCHES = re.compile(rb"\bDDE(AUTO)?\b|ddeLink")


class Bomb(Exception):
    """Unpacked, the file would fill memory."""


def is_safe(content: bytes, notes: Notes, deadline: Deadline) -> bool:
    """Whether its parts may be given to a reader; what acts in them is noted."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as package:
            parts = _within_bounds(package)
            if any(part.flag_bits & 1 for part in parts.values()):
                notes.find("encrypted", "needs a password: add it without one")
                return False
            for name in parts:
                _note_what_acts(name, content, notes)
            for name, part in parts.items():
                if deadline.is_over:
                    notes.leave_unlooked("its parts take too long")
                    break
                if name.endswith((".xml", ".rels")):
                    _look_into(name, _unpacked(package, part), notes)
    except Bomb as bomb:
        notes.find("bomb", str(bomb))
        return False
    return True


def _within_bounds(package: zipfile.ZipFile) -> Mapping[str, zipfile.ZipInfo]:
    parts = package.infolist()
    if len(parts) > MOST_PARTS:
        raise Bomb(f"has more than {MOST_PARTS:,} parts")
    if sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise Bomb(f"would be more than {MOST_UNPACKED // 1024 // 1024} MiB unpacked")
    for part in parts:
        if part.file_size > SMALL and part.file_size > MOST_RATIO * max(part.compress_size, 1):
            raise Bomb(f"has a part that grows more than {MOST_RATIO} times when it is unpacked")
    return {part.filename: part for part in parts}


def _unpacked(package: zipfile.ZipFile, part: zipfile.ZipInfo) -> bytes:
    """Never more than was promised: what a part says of its size may be a lie."""
    if part.file_size > MOST_XML:
        raise Bomb(f"has a part of more than {MOST_XML // 1024 // 1024} MiB")
    with package.open(part) as unpacked:
        return unpacked.read(MOST_XML)


def _note_what_acts(name: str, content: bytes, notes: Notes) -> None:
    if _MACROS.search(name):
        notes.find("macros", f"has macros in it{_which(content)}")
    elif _OLE.search(name):
        notes.find("ole_object", f"has an object of another program in it: {quoted(name)}")
    elif _EMBEDDED.search(name):
        notes.find("embedded_file", f"has the file {quoted(name)} in it")


def _which(content: bytes) -> str:
    """What the macros begin by themselves, as far as they can be read."""
    # It is slow to import, has no types, and warns of its own old ways.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        parser: Any = importlib.import_module("oletools.olevba").VBA_Parser
    try:
        macros = parser("file", data=content)
        found: list[tuple[str, str, str]] = macros.analyze_macros() or []
        begins = sorted({word for kind, word, _ in found if kind == "AutoExec"})
        macros.close()
    except Exception:
        # Whether they can be read or not: they are there.
        return ""
    return f", which run by themselves: {quoted(', '.join(begins))}" if begins else ""


def _look_into(name: str, xml: bytes, notes: Notes) -> None:
    if _FETCHES.search(xml):
        notes.find("external_link", f"fetches data from another program: {quoted(name)}")
    try:
        _without_declarations(xml)
    except expat.ExpatError as error:
        notes.find("unreadable", f"could not be read: {quoted(name)}: {quoted(str(error))}")
        return
    if name.endswith(".rels"):
        for kind, target in _external(ElementTree.fromstring(xml, forbid_dtd=True)):
            notes.find("external_link", f"fetches {kind} from {quoted(target)}")


def _without_declarations(xml: bytes) -> None:
    """Parsed, and no more: to build what most parts hold would take ten times as long."""
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_declarations
    parser.Parse(xml, True)


def _refuse_declarations(*_: object) -> None:
    raise Bomb("declares entities in its XML, as no office program does")


def _external(root: Any) -> Iterator[tuple[str, str]]:
    for each in root.iter(_RELATIONSHIP):
        kind = each.get("Type", "")
        if each.get("TargetMode") == "External" and not kind.endswith(_HARMLESS):
            yield kind.rpartition("/")[2] or "something", each.get("Target", "")
