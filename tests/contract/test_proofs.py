"""The test vectors of signing are what we make, and prove what they say, in any language."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from datetime import UTC, datetime
from pathlib import Path
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


ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(not shutil.which("node"), reason="there is no `node` on PATH")
def test_node_finds_the_same_and_what_it_signs_is_believed_by_each_algorithm() -> None:
    command = ["node", ROOT / "tests/contract/vectors.mjs", VECTORS]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    first, at = DATA["vectors"][0], datetime.fromtimestamp(SIGNED_AT.timestamp() + 60, UTC)
    said = [json.loads(line) for line in done.stdout.splitlines()]
    assert [each["jwk"]["kid"] for each in said] == ["EdDSA", "ES256", "RS256"]
    trust = Trust.read(
        json.dumps({"keys": [{**each["jwk"], "roles": ["reviewer"]} for each in said]})
    )
    for each in said:
        by = {**first["content"]["by"], "proof": each["proof"]}
        sent = [{**first["content"], "by": by}]
        asked = question(first["claim"], MPN_ID, first["message"], sent, at)
        assert asked is not None
        assert judge(asked, trust) == Verdict(key=each["jwk"]["kid"])


@pytest.mark.thorough
@pytest.mark.skipif(not shutil.which("go"), reason="there is no `go` on PATH")
def test_the_go_example_finds_the_same() -> None:
    """Its signing needs Go's own library alone; without the SDK there is nothing to download."""
    files = ["proof.go", "proof_test.go", "things.go"]
    offline = {"GOFLAGS": "-mod=mod", "GOPROXY": "off", "GOTOOLCHAIN": "local"}
    done = subprocess.run(
        ["go", "test", "-count=1", *files],
        cwd=ROOT / "examples/portal-go",
        env={**os.environ, **offline},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    if "go.mod requires go" in done.stderr:
        pytest.skip("the `go` on PATH is older than the example needs")
    assert done.returncode == 0, done.stdout + done.stderr
