"""Proof in a store, and a claim that wants it looked into."""

from __future__ import annotations

import hashlib
from datetime import date
from pathlib import Path

from cpor.rules.effects.look import FileToRead, Look
from cpor.rules.facts import Product
from cpor.rules.proof_files import MEDIA_TYPES
from cpor.rules.proof_sheet import Claimed

CLAIM = "CPOR-7Q2M4X"


def put(tmp_path: Path, content: bytes, name: str = "sow.docx") -> FileToRead:
    sha256 = hashlib.sha256(content).hexdigest()
    place = tmp_path / "store/evidence" / CLAIM / sha256
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_bytes(content)
    return FileToRead(sha256=sha256, name=name, media_type=MEDIA_TYPES["docx"])


def look(*files: FileToRead) -> Look:
    claimed = Claimed(
        partner="Fabrikam",
        mpn_id="4912345",
        customer="Contoso",
        domain="contoso.example",
        tenant_id="5f1c6d3e-8c0b-4f3c-9d2a-0b8f6f1f7a11",
        products=[Product(code="teams", name="Teams")],
        submitted=date(2026, 3, 9),
    )
    return Look(claim_id=CLAIM, files=list(files), claimed=claimed)
