"""Reads one proof file, which may be hostile: `confinement` has a process of its own for it."""

from __future__ import annotations

from cpor.evidence.deadline import Deadline
from cpor.evidence.reading import Notes, Reading, quoted
from cpor.evidence.types import ending_of, type_of
from cpor.rules.proof_files import FILE_TYPES, MEDIA_TYPES

DECLARED = {media_type: type for type, media_type in MEDIA_TYPES.items()}
SECONDS = 12.0
"""Then what was read so far is the answer. The process around it ends some seconds later."""


def read(
    content: bytes, name: str, media_type: str | None = None, seconds: float = SECONDS
) -> Reading:
    """What is in the file. It never raises: a file that cannot be read says why."""
    notes = Notes()
    deadline = Deadline(seconds)
    type = _read(content, name, notes, deadline, is_attached=False)
    declared = DECLARED.get((media_type or "").partition(";")[0].strip().lower())
    if declared is not None and type in FILE_TYPES and not _is_same(declared, type):
        notes.find("declared_type", f"was said to be {declared}, and is {type}")
    return Reading(
        type=type,
        findings=notes.findings,
        passages=notes.passages,
        signatures=notes.signatures,
    )


def _read(content: bytes, name: str, notes: Notes, deadline: Deadline, is_attached: bool) -> str:
    if not content.strip(b"\x00\t\n\r "):
        notes.find("empty", "is empty")
        return ending_of(name)
    type = type_of(content, name)
    if type == "encrypted office file":
        notes.find("encrypted", "needs a password: add it without one")
    elif type not in FILE_TYPES:
        notes.find("not_accepted", f"is no {', '.join(FILE_TYPES)}: it looks like {quoted(type)}")
    else:
        if not _is_same(ending_of(name), type):
            notes.find("wrong_type", f"is named {quoted(ending_of(name))}, and is {type}")
        try:
            _by_type(type, content, notes, deadline, is_attached)
        except MemoryError:
            notes.find("bomb", "needs too much memory to be read")
        except Exception as error:
            # A reader that stumbles says so; the file is as good as before.
            why = f"{error.__class__.__name__}: {error}" if str(error) else error.__class__.__name__
            notes.find("unreadable", f"could not be read: {quoted(why)}")
    return type


def _by_type(type: str, content: bytes, notes: Notes, deadline: Deadline, attached: bool) -> None:
    match type:
        case "pdf":
            from cpor.evidence.readers import pdf

            pdf.read(content, notes, deadline)
        case "docx" | "xlsx" | "pptx":
            from cpor.evidence.readers import office

            {"docx": office.read_docx, "xlsx": office.read_xlsx, "pptx": office.read_pptx}[type](
                content, notes, deadline
            )
        case "eml" | "msg":
            from cpor.evidence.readers import letter

            def look_into(attachment: bytes, name: str, into: Notes) -> None:
                _read_attached(attachment, name, into, deadline)

            kept = letter.of_eml(content) if type == "eml" else letter.of_msg(content)
            letter.read(kept, notes, None if attached else look_into)
        case "png" | "jpg" | "tiff":
            from cpor.evidence.readers import picture

            picture.read(content, notes)
        case _:
            from cpor.evidence.readers import plain

            plain.read(content, notes)


def _read_attached(content: bytes, name: str, into: Notes, deadline: Deadline) -> None:
    """What is attached counts for the mail; a type that is not accepted is only left out."""
    inner = Notes()
    _read(content, name, inner, deadline, is_attached=True)
    for finding in inner.findings:
        text = f"attached {quoted(name)}: {finding.text}"
        into.find("cut_short" if finding.code in ("not_accepted", "empty") else finding.code, text)
    for passage in inner.passages:
        into.add(f"attached {quoted(name)}, {passage.place}", passage.text)
    into.signatures += inner.signatures


def _is_same(ending: str, type: str) -> bool:
    """Text and tables of text differ by name only; so do mails and text, at times."""
    return ending == type or {ending, type} <= {"txt", "csv", "eml"}
