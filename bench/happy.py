"""What is said on the happy journey of a claim with three products and two files."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

FILES: Mapping[str, bytes] = {
    "statement-of-work.pdf": b"%PDF-1.7 what was agreed, signed by both sides",
    "purchase-order.pdf": b"%PDF-1.7 what was ordered, and when",
}
_OPENING: Mapping[str, Any] = json.loads(
    Path(__file__).with_name("opening.json").read_text("utf-8")
)
_REVIEWER = {"role": "reviewer", "id": "kim"}


def opening(claim_id: str) -> Mapping[str, Any]:
    proof = [
        {
            "sha256": hashlib.sha256(content).hexdigest(),
            "name": name,
            "media_type": "application/pdf",
            "size": len(content),
        }
        for name, content in FILES.items()
    ]
    tenant_id = str(uuid.uuid5(uuid.NAMESPACE_OID, claim_id))  # nobody else wants its items
    customer = {**_OPENING["customer"], "tenant_id": tenant_id}
    return {**_OPENING, "claim_id": claim_id, "customer": customer, "evidence": proof}


def messages() -> Sequence[tuple[str, Mapping[str, Any]]]:
    return [
        (name, {"id": uuid.uuid4().hex, "by": _REVIEWER}) for name in ("start_review", "approve")
    ]


def bring_proof(store: Path, claim_id: str) -> None:
    """Put the files where a client puts them before the message that names them."""
    for content in FILES.values():
        place = store / "incoming" / claim_id / hashlib.sha256(content).hexdigest()
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
