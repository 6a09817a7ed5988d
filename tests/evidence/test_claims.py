"""The sheet about a claim that was sent: its files come from the store."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from cpor.cli.output import claim_text, sheet_text
from cpor.evidence import claims
from cpor.evidence.sheet import Line, Sheet, Topic
from cpor.rules import views
from cpor.rules.facts import EvidenceFile, Product
from cpor.rules.proof_sheet import Claimed
from cpor.rules.views import ClaimView
from cpor.store import Store
from tests.evidence import documents
from tests.rules.play import submitted


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store.open(str(tmp_path))


async def claim_with(store: Store, tmp_path: Path, *texts: str) -> ClaimView:
    """A claim of Teams and Exchange Online, with a proof file of each text."""
    files: list[EvidenceFile] = []
    for number, text in enumerate(texts):
        file = tmp_path / f"{number}.docx"
        file.write_bytes(documents.word(text))
        reference = await store.upload("CPOR-7Q2M4X", file)
        files.append(EvidenceFile(**reference.model_dump()))
    known = views.view(submitted().claim.state)
    return known.model_copy(update={"evidence": files})


async def test_each_file_of_the_store_is_looked_into(store: Store, tmp_path: Path) -> None:
    claim = await claim_with(store, tmp_path, "Microsoft Teams", "Exchange Online")
    found = await claims.sheet(store, claim)
    assert [file.verdict for file in found.files] == ["clean", "clean"]
    assert [line.result for line in found.lines if line.topic == "product"] == ["found", "found"]


async def test_a_file_that_is_not_in_the_store_is_said_to_be_unread(
    store: Store, tmp_path: Path
) -> None:
    lost = EvidenceFile(
        sha256=hashlib.sha256(b"lost").hexdigest(), name="a.pdf", media_type="x/y", size=4
    )
    claim = (await claim_with(store, tmp_path)).model_copy(update={"evidence": [lost]})
    found = await claims.sheet(store, claim)
    assert "could not be read" in found.files[0].findings[0]
    assert {line.result for line in found.lines} == {"unclear"}


async def test_a_file_that_the_partner_took_back_is_left_out(store: Store, tmp_path: Path) -> None:
    claim = await claim_with(store, tmp_path, "Microsoft Teams")
    claim.evidence[0].state = "withdrawn"
    assert (await claims.sheet(store, claim)).files == []


async def test_the_gaps_are_drafted_as_a_request_and_as_a_rejection(
    store: Store, tmp_path: Path
) -> None:
    claim = await claim_with(store, tmp_path, "Exchange Online")
    found = await claims.sheet(store, claim)
    request = sheet_text.draft("request", "CPOR-7Q2M4X", found)
    assert request.startswith("uv run starter.py request-info CPOR-7Q2M4X \\\n")
    assert "--ask 'missing_products:Teams=Teams was not found in the proof.'" in request
    assert "--ask 'missing_or_old_dates=" in request
    rejection = sheet_text.draft("rejection", "CPOR-7Q2M4X", found)
    assert "--because 'missing_products:Teams=" in rejection
    assert "--because 'missing_customer_consent=" in rejection
    assert "missing_or_old_dates" not in rejection


@pytest.mark.parametrize(
    ("topics", "said"),
    [
        (["domain", "tenant_id"], "2 gaps without a reason code."),
        ([], "all was found."),
    ],
)
def test_gaps_that_nobody_can_ask_for_are_not_called_found(topics: list[Topic], said: str) -> None:
    lines = [Line(topic=topic, about=topic, result="not found") for topic in topics]
    drafted = sheet_text.draft("request", "CPOR-7Q2M4X", Sheet(files=[], lines=lines))
    assert drafted == f"Nothing to ask for in the proof of CPOR-7Q2M4X: {said}"


async def test_what_was_added_since_a_reviewer_last_said_something_is_marked(
    store: Store, tmp_path: Path
) -> None:
    claim = await claim_with(store, tmp_path, "Microsoft Teams", "Exchange Online")
    claim.reviewed_at = datetime(2026, 3, 9, 12, tzinfo=UTC)
    for file, days in zip(claim.evidence, (-1, 1), strict=True):
        file.added_at = claim.reviewed_at + timedelta(days=days)
    found = await claims.sheet(store, claim)
    assert [file.is_new for file in found.files] == [False, True]
    products = {line.about: line.is_new for line in found.lines if line.topic == "product"}
    assert products == {"Teams": False, "Exchange Online": True}
    shown = sheet_text.sheet(found).splitlines()
    assert [
        line.split(";")[0].strip() for line in shown if "new since 2026-03-09 12:00" in line
    ] == [
        "1.docx  docx, clean",
        "✓ Exchange Online: found",
    ]


async def test_products_added_and_dropped_since_the_last_look_are_marked(
    store: Store, tmp_path: Path
) -> None:
    claim = await claim_with(store, tmp_path, "Microsoft Teams and SharePoint Online")
    claim.reviewed_at = datetime(2026, 3, 9, 12, tzinfo=UTC)
    sharepoint = Product(code="sharepoint-online", name="SharePoint Online")
    before = Claimed.of(claim.partner, claim.customer, claim.products, date(2026, 3, 2))
    claim.claimed_before = before.model_copy(update={"products": [sharepoint]})
    found = await claims.sheet(store, claim)
    assert {line.about for line in found.lines if line.is_new} == {
        each.name for each in claim.products
    }
    assert found.dropped == ["SharePoint Online"]
    assert "  – SharePoint Online: dropped since 2026-03-09 12:00 UTC" in sheet_text.sheet(found)
    shown = claim_text.claim(claim, {}, claim.reviewed_at)
    since = "since Mon 09 Mar 2026 12:00 UTC"
    changed = "products: added Teams and Exchange Online, dropped SharePoint Online"
    assert f"Contoso: Teams, Exchange Online; {since} {changed}" in shown


async def test_before_a_reviewer_said_anything_nothing_is_marked(
    store: Store, tmp_path: Path
) -> None:
    claim = await claim_with(store, tmp_path, "Microsoft Teams")
    assert claim.reviewed_at is None
    found = await claims.sheet(store, claim)
    assert not any(each.is_new for each in (*found.files, *found.lines))
