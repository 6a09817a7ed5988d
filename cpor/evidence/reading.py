"""What is found in one proof file: whether it is safe to open, its text, and who signed it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from pydantic import BaseModel, computed_field

from cpor.rules.proof_files import VERDICT_OF, FileVerdict, FindingCode

READER = 1
"""Raised whenever a file would be read otherwise than before: it is then read again."""

MOST_TEXT = 2 * 1024 * 1024
"""Characters kept of a file. A statement of work has a hundredth of it."""
MOST_FINDINGS = 50
"""Of each verdict."""
MOST_QUOTED = 120

_WORSE: Mapping[FileVerdict, int] = {"clean": 0, "suspicious": 1, "refused": 2}


class Finding(BaseModel):
    """Something a reader of the file should know."""

    code: FindingCode
    text: str


class Passage(BaseModel):
    """Text, and where in the file it stands: a page, a sheet, a slide, an attachment."""

    place: str
    text: str


class Signature(BaseModel):
    """A signature inside a PDF, as a fact: the certificate is not compared with anybody's list."""

    by: str
    at: datetime | None = None
    """As the signer's own clock said."""
    is_whole: bool
    """Whether the signed part is unchanged and is the whole file."""


class Reading(BaseModel):
    """What the reader found in one file."""

    reader: int = READER
    type: str
    """By its content: one of the accepted types, else what it looks like."""
    findings: list[Finding] = []
    passages: list[Passage] = []
    signatures: list[Signature] = []
    recognised: bool = False
    """Whether its pictures were given to a program that recognises text."""

    @computed_field
    @property
    def verdict(self) -> FileVerdict:
        """That of its worst finding."""
        return worst(VERDICT_OF[finding.code] for finding in self.findings)

    @property
    def text(self) -> str:
        return "\n".join(passage.text for passage in self.passages)

    @classmethod
    def unreadable(cls, type: str, why: str) -> Reading:
        finding = Finding(code="unreadable", text=f"could not be read: {why}")
        return cls(type=type, findings=[finding])


def worst(verdicts: Iterable[FileVerdict]) -> FileVerdict:
    found: list[FileVerdict] = ["clean", *verdicts]
    return max(found, key=lambda verdict: _WORSE[verdict])


class Notes:
    """Collects what is found while a file is read, within bounds."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.passages: list[Passage] = []
        self.signatures: list[Signature] = []
        self._room = MOST_TEXT

    @property
    def is_full(self) -> bool:
        return self._room <= 0

    def find(self, code: FindingCode, text: str) -> None:
        """Each thing is said once; however many harmless ones there are, the others have room."""
        finding = Finding(code=code, text=text)
        alike = sum(VERDICT_OF[each.code] == VERDICT_OF[code] for each in self.findings)
        if finding not in self.findings and alike < MOST_FINDINGS:
            self.findings.append(finding)

    def leave_unlooked(self, what: str) -> None:
        """A part in which anything may be."""
        self.find("unreadable", f"could not be looked through: {what}")

    def add(self, place: str, text: str) -> None:
        text = text.strip()
        if not text:
            return
        if len(text) > self._room:
            text = text[: self._room]
            self.find("cut_short", f"only the first {MOST_TEXT:,} characters were read")
        self._room -= len(text)
        if text:
            self.passages.append(Passage(place=place, text=text))


def quoted(text: str) -> str:
    """A file's own words inside a finding: one line, and not long."""
    line = " ".join(text.split())
    shown = "".join(char if char.isprintable() else "?" for char in line)
    return f"{shown[: MOST_QUOTED - 1]}…" if len(shown) > MOST_QUOTED else shown
