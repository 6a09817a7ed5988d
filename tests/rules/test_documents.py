"""What the documents show is what the program says."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from pathlib import Path

from cpor.rules.claim import Claim
from cpor.rules.lifecycle import lifecycle as the_lifecycle
from cpor.store import refer
from docs.generate import lifecycle

ROOT = Path(__file__).parents[2]


def test_the_page_of_the_lifecycle_is_what_the_table_and_the_editions_make_of_it() -> None:
    assert lifecycle.PAGE == ROOT / "docs/lifecycle.md"
    assert lifecycle.PAGE.read_text("utf-8") == lifecycle.page(), (
        "make it anew with: uv run python -m docs.generate.lifecycle"
    )


def test_the_page_of_the_lifecycle_explains_every_condition() -> None:
    assert set(lifecycle.CONDITIONS) == {
        row.provided for row in the_lifecycle().rows if row.provided
    }


def test_every_link_in_the_documents_leads_somewhere() -> None:
    for page in [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")]:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"


def test_the_example_is_a_claim_that_would_be_taken() -> None:
    data = json.loads((ROOT / "examples/claim.json").read_text("utf-8"))
    proof = [refer(ROOT / "examples" / entry["file"]).model_dump() for entry in data["evidence"]]
    claim = Claim.open({**data, "evidence": proof}, datetime(2026, 3, 2, 9, tzinfo=UTC))
    assert claim.state.status == "Submitted"
