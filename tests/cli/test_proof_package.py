"""`proof`: one zip of all that is known of a claim, which anybody can check."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path
from typing import cast

import pytest
from typer import BadParameter

from cpor import ClaimsClient
from cpor.cli import proof_package
from cpor.rules import views
from cpor.rules.facts import EvidenceFile
from cpor.rules.views import ClaimView, EntryView
from cpor.store import Store
from tests.evidence import documents
from tests.rules.play import submitted

CLAIM, NOW = "CPOR-7Q2M4X", "2 March 2026, 09:00 UTC"


class PlayedClaims:
    """Stands for a client: one claim, as the rules alone have it."""

    def __init__(self, store: Store, files: list[EvidenceFile]) -> None:
        self.store = store
        state = submitted().claim.state
        self.known = views.view(state).model_copy(update={"evidence": files})
        asked = [{"side": "reviewer", "limit": 1000}]
        self.entries = list(views.history(state, asked))

    async def claim(self, _: str) -> ClaimView:
        return self.known

    async def history(self, *_: object) -> list[EntryView]:
        return self.entries


@pytest.fixture
async def claims(tmp_path: Path) -> ClaimsClient:
    store = Store.open(str(tmp_path / "store"))
    file = tmp_path / "sow.docx"
    file.write_bytes(documents.word("Microsoft Teams <b>"))
    reference = await store.upload(CLAIM, file)
    lost = EvidenceFile(sha256="0" * 64, name="lost.pdf", media_type="application/pdf", size=1)
    files = [EvidenceFile(**reference.model_dump()), lost]
    return cast("ClaimsClient", PlayedClaims(store, files))


async def test_everything_in_it_has_the_sum_that_stands_beside(
    claims: ClaimsClient, tmp_path: Path
) -> None:
    await proof_package.write(claims, CLAIM, tmp_path / "proof.zip", NOW)
    with zipfile.ZipFile(tmp_path / "proof.zip") as package:
        lines = package.read("SHA256SUMS").decode().splitlines()
        sums = {line[66:]: line[:64] for line in lines}
        there = {name for name in package.namelist() if name != "SHA256SUMS"}
        found = {name: hashlib.sha256(package.read(name)).hexdigest() for name in there}
        assert json.loads(package.read("claim.json"))["claim_id"] == CLAIM
        assert "submitted the claim" in package.read("history.html").decode()
    assert sums == found
    assert len([name for name in there if name.startswith("evidence/")]) == 1


async def test_a_file_that_the_store_has_not_is_named(claims: ClaimsClient, tmp_path: Path) -> None:
    missing = await proof_package.write(claims, CLAIM, tmp_path / "proof.zip", NOW)
    assert [each.partition(":")[0] for each in missing] == ["lost.pdf"]
    with zipfile.ZipFile(tmp_path / "proof.zip") as package:
        assert "Not in here: lost.pdf" in package.read("README.txt").decode()


async def test_a_zip_that_is_there_is_not_overwritten(claims: ClaimsClient, tmp_path: Path) -> None:
    (tmp_path / "proof.zip").write_text("mine")
    with pytest.raises(BadParameter, match="is there already"):
        await proof_package.write(claims, CLAIM, tmp_path / "proof.zip", NOW)
    assert (tmp_path / "proof.zip").read_text() == "mine"
    assert {each.name for each in tmp_path.iterdir()} == {"proof.zip", "store", "sow.docx"}


async def test_that_it_is_there_is_said_before_anything_is_asked(tmp_path: Path) -> None:
    (tmp_path / "proof.zip").write_text("mine")
    asked_nobody = cast("ClaimsClient", object())
    with pytest.raises(BadParameter, match="is there already"):
        await proof_package.write(asked_nobody, CLAIM, tmp_path / "proof.zip", NOW)
