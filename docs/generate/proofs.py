"""Writes the test vectors of signing, docs/contract/proofs/vectors.json.

    uv run python -m docs.generate.proofs

Keys and times are fixed, so that whoever makes them anew finds the same. Nobody trusts these keys.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import OKPAlgorithm

from cpor.proofs import Signer
from cpor.proofs.canonical import canonical, digest
from cpor.proofs.keys import public

VECTORS = Path(__file__).resolve().parents[1] / "contract/proofs/vectors.json"
EXAMPLES = VECTORS.parents[1] / "examples"
CLAIM, MPN_ID = "CPOR-7Q2M4X", "4912345"
SIGNED_AT = datetime(2026, 3, 2, 9, 14, tzinfo=UTC)


def key(kid: str) -> dict[str, Any]:
    seed = hashlib.sha256(f"test vector {kid}".encode()).digest()
    jwk = OKPAlgorithm.to_jwk(Ed25519PrivateKey.from_private_bytes(seed), as_dict=True)
    return {**jwk, "kid": kid, "alg": "EdDSA"}


def messages() -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    kim, ada = {"role": "reviewer", "id": "kim"}, {"role": "partner", "id": "ada"}
    yield "test-reviewers", "approve", {"id": "m-1", "by": kim}
    yield (
        "test-reviewers",
        "approve",
        {"seen": 12, "note": 'Grüße, "Łukasz" 👍\n\tC:\\proof', "id": "m-2", "by": kim},
    )
    yield (
        "test-portal",
        "submit",
        {"id": "m-3", "by": {**ada, "partner_role": "incentives_admin"}, "comment": "Siehe S. 3"},
    )
    yield "test-portal", "withdraw", {"id": "m-4", "by": ada, "reason": "wrong_mpn", "note": None}
    yield "test-portal", "open", json.loads((EXAMPLES / "start/valid-teams.json").read_text())


def vectors() -> str:
    made: list[Mapping[str, Any]] = []
    for kid, name, message in messages():
        claim = message["claim_id"] if name == "open" else CLAIM
        mpn_id = message["partner"]["mpn_id"] if name == "open" else MPN_ID
        signed = Signer(key(kid), mpn_id, lambda: SIGNED_AT).sign(claim, name, message)
        body = signed["by"]["proof"].split(".")[1]
        made.append(
            {
                "key": kid,
                "claim": claim,
                "message": name,
                "content": message,
                "canonical": canonical(signed).decode(),
                "sha256": digest(signed),
                "signs": json.loads(base64.urlsafe_b64decode(body + "==")),
                "proof": signed["by"]["proof"],
            }
        )
    keys = [key("test-reviewers"), key("test-portal")]
    whole = {
        "about": "Made by docs.generate.proofs. `signs` may be written with its members in any "
        "order, so another proof of the same message is as good. Nobody trusts these keys.",
        "keys": keys,
        "public_keys": [public(each) for each in keys],
        "vectors": made,
    }
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    VECTORS.write_text(vectors(), "utf-8")
