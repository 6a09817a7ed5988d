"""PDF: text by page, what acts by itself, what is inside, and who signed."""

from __future__ import annotations

import io
import logging
from collections.abc import Iterator, Mapping
from typing import Any, TypeGuard, cast

from pypdf import PdfReader
from pypdf.errors import DependencyError
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject

from cpor.evidence.deadline import Deadline
from cpor.evidence.reading import Notes, Signature, quoted

MOST_PAGES = 500
MOST_OBJECTS = 100_000
FEW_LETTERS = 20
"""A page with a picture and no more letters than this is a scan."""
PdfDictionary = Mapping[Any, Any]


def read(content: bytes, notes: Notes, deadline: Deadline) -> None:
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    reader = _opened(content)
    if reader is None:
        notes.find("encrypted", "needs a password: add it without one")
        return
    if not reader.pages:
        notes.find("no_pages", "has no pages")
        return
    _look_for_what_acts(reader, notes, deadline)
    _read_pages(reader, notes, deadline)
    if b"/ByteRange" in content:
        _read_signatures(content, notes)


def _opened(content: bytes) -> PdfReader | None:
    """Many are only kept from being changed; these open without a password."""
    try:
        reader = PdfReader(io.BytesIO(content))
        return reader if not reader.is_encrypted or reader.decrypt("") else None
    except (DependencyError, NotImplementedError):  # encrypted in a way that can't be read here
        return None


def _read_pages(reader: PdfReader, notes: Notes, deadline: Deadline) -> None:
    scans = 0
    for number, page in enumerate(reader.pages, 1):
        if number > MOST_PAGES or notes.is_full or deadline.is_over:
            notes.find("cut_short", f"only the first {number - 1} pages were read")
            break
        text = page.extract_text()
        notes.add(f"page {number}", text)
        scans += _is_scan(page, text)
    if scans:
        notes.find("scan", f"{scans} of its pages are pictures: read them yourself")


def scanned(content: bytes) -> Iterator[tuple[int, Any]]:
    """The pictures of the pages that have no text, each with the number of its page."""
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    reader = _opened(content)
    for number, page in enumerate(reader.pages if reader else (), 1):
        if number <= MOST_PAGES and _is_scan(page, page.extract_text()):
            for image in page.images:
                yield number, image.image


def _is_scan(page: PdfDictionary, text: str) -> bool:
    return len(text.strip()) <= FEW_LETTERS and _shows_a_picture(page)


def _shows_a_picture(page: PdfDictionary) -> bool:
    resources = _resolved(page.get("/Resources"))
    objects = _resolved(resources.get("/XObject")) if _is_dictionary(resources) else None
    if not _is_dictionary(objects):
        return False
    shown = map(_resolved, objects.values())
    return any(_is_dictionary(each) and each.get("/Subtype") == "/Image" for each in shown)


def _look_for_what_acts(reader: PdfReader, notes: Notes, deadline: Deadline) -> None:
    for found in _dictionaries(reader.trailer, notes, deadline):
        action = _resolved(found.get("/S"))
        if action == "/Launch":
            notes.find("launch", "starts a program")
        elif action == "/JavaScript" or "/JS" in found:
            notes.find("javascript", "has JavaScript in it")
        if _resolved(found.get("/Type")) == "/Filespec" or "/EF" in found:
            name = found.get("/UF", found.get("/F", "without a name"))
            notes.find("embedded_file", f"has the file {quoted(str(_resolved(name)))} in it")


def _dictionaries(root: PdfDictionary, notes: Notes, deadline: Deadline) -> Iterator[PdfDictionary]:
    """Every dictionary that can be reached, each once."""
    seen: set[tuple[int, int]] = set()
    waiting: list[object] = [root]
    for _ in range(MOST_OBJECTS):
        if not waiting:
            return
        if deadline.is_over:
            break
        found = waiting.pop()
        if isinstance(found, IndirectObject):
            key = (found.idnum, found.generation)
            if key in seen:
                continue
            seen.add(key)
            found = _resolved(found)
        if _is_dictionary(found):
            yield found
            # As they stand in the file: by its keys, a dictionary gives what references lead to.
            waiting += filter(_may_hold_more, found.values())
        elif isinstance(found, ArrayObject):
            waiting += filter(_may_hold_more, cast("list[object]", found))
    notes.leave_unlooked("it has too many objects, or they take too long")


def _may_hold_more(value: object) -> bool:
    return isinstance(value, IndirectObject | DictionaryObject | ArrayObject)


def _resolved(value: object) -> object:
    try:
        return value.get_object() if isinstance(value, IndirectObject) else value
    except Exception:
        # One broken object says nothing of the others.
        return None


def _is_dictionary(value: object) -> TypeGuard[PdfDictionary]:
    return isinstance(value, DictionaryObject)


def _read_signatures(content: bytes, notes: Notes) -> None:
    from pyhanko.pdf_utils.reader import PdfFileReader

    try:
        found = PdfFileReader(io.BytesIO(content), strict=False).embedded_regular_signatures
    except Exception:
        notes.find("cut_short", "its signatures could not be read")
        return
    for signature in found:
        try:
            notes.signatures.append(_read_signature(signature))
        except Exception:
            # The text was read; that somebody signed it badly is worth a word only.
            notes.find("cut_short", "a signature in it could not be read")


def _read_signature(signature: Any) -> Signature:
    from pyhanko.sign.diff_analysis import ModificationLevel
    from pyhanko.sign.validation.generic_cms import validate_sig_integrity
    from pyhanko.sign.validation.status import SignatureCoverageLevel

    signature.compute_integrity_info()
    unchanged, is_genuine = validate_sig_integrity(
        signature.signer_info, signature.signer_cert, "data", signature.compute_digest()
    )
    found = cast("dict[str, Any]", signature.summarise_integrity_info())
    added = getattr(found["diff_result"], "modification_level", ModificationLevel.OTHER)
    covers = found["coverage"] is SignatureCoverageLevel.ENTIRE_FILE
    return Signature(
        by=quoted(cast("str", signature.signer_cert.subject.human_friendly)),
        at=signature.self_reported_timestamp,
        is_whole=unchanged and is_genuine and (covers or added is ModificationLevel.LTA_UPDATES),
    )
