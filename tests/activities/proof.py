"""Proof in a store, and a claim that wants it looked into."""

from __future__ import annotations

import hashlib
from pathlib import Path

from cpor.evidence.tally import SAMPLE
from cpor.rules.effects.look import FileToRead, Look
from cpor.rules.proof_files import MEDIA_TYPES

CLAIM = "CPOR-7Q2M4X"


def put(tmp_path: Path, content: bytes, name: str = "sow.docx") -> FileToRead:
    sha256 = hashlib.sha256(content).hexdigest()
    place = tmp_path / "store/evidence" / CLAIM / sha256
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)
    return FileToRead(sha256=sha256, name=name, media_type=MEDIA_TYPES["docx"])


def look(*files: FileToRead) -> Look:
    return Look(claim_id=CLAIM, files=list(files), claimed=SAMPLE)
