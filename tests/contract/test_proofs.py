"""The test vectors of signing are what we make, and prove what they say."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from cpor.proofs.trust import Trust
from cpor.proofs.verify import judge
from cpor.rules.proof import Verdict, opening_question, question
from docs.generate.proofs import MPN_ID, SIGNED_AT, VECTORS, vectors

DATA: dict[str, Any] = json.loads(VECTORS.read_text("utf-8"))
ROLES = {"test-reviewers": ["reviewer"], "test-portal": ["partner"]}


def test_the_file_is_what_we_make() -> None:
    made = "make it anew with: uv run python -m docs.generate.proofs"
    assert VECTORS.read_text("utf-8") == vectors(), made


@pytest.mark.parametrize("vector", DATA["vectors"], ids=lambda each: each["content"].get("id"))
def test_each_proof_proves_what_it_says(vector: dict[str, Any]) -> None:
    keys = [{**each, "roles": ROLES[each["kid"]]} for each in DATA["public_keys"]]
    trust = Trust.read(json.dumps({"keys": keys}))
    by = vector["content"]["by"]
    sent = [{**vector["content"], "by": {**by, "proof": vector["proof"]}}]
    at = datetime.fromtimestamp(SIGNED_AT.timestamp() + 60, UTC)
    if vector["message"] == "open":
        asked = opening_question(sent, at)
    else:
        asked = question(vector["claim"], MPN_ID, vector["message"], sent, at)
    assert asked is not None
    assert judge(asked, trust) == Verdict(key=vector["key"])
