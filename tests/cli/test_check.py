"""`check`: a partner looks at the proof before the claim is sent."""

from __future__ import annotations

from pathlib import Path

import pytest

from cpor.exits import DONE, REFUSED, WRONG_INPUT
from tests.evidence import documents
from tests.examples import opening
from tests.shell import Shell, write_claim

TENANT = opening("CPOR-7Q2M4X")["customer"]["tenant_id"]
PROOF = f"""Statement of work
Fabrikam (MPN 4912345) rolls out Microsoft Teams and Exchange Online for Contoso,
contoso.example, {TENANT}. We confirm that it was done.
"""


@pytest.fixture
def folder(shell: Shell) -> Path:
    write_claim(shell.folder)
    return shell.folder


def test_complete_proof_ends_with_0_and_needs_no_engine(shell: Shell, folder: Path) -> None:
    signed = f"{PROOF}Signed on {documents.today()}"
    (folder / "ok.docx").write_bytes(documents.word(*signed.splitlines()))
    done = shell.starter("check", "claim.json", "ok.docx", TEMPORAL_ADDRESS="127.0.0.1:1")
    assert (done.returncode, done.stderr) == (DONE, "")
    assert "10 of 10 found." in done.stdout


def test_a_gap_ends_with_3_and_names_the_product(shell: Shell, folder: Path) -> None:
    without = PROOF.replace("Microsoft Teams and", "")
    (folder / "ok.docx").write_bytes(documents.word(*without.splitlines()))
    done = shell.starter("check", "claim.json", "ok.docx")
    assert done.returncode == REFUSED
    assert "✗ Teams: not found; a request would say missing_products" in done.stdout
    assert "a date within 12 months" in done.stdout


def test_without_files_those_of_the_claim_are_looked_into(shell: Shell, folder: Path) -> None:
    done = shell.starter("check", "claim.json")
    assert done.returncode == REFUSED
    assert "sow.pdf" in done.stdout


def test_a_file_that_is_not_there_is_named(shell: Shell, folder: Path) -> None:
    done = shell.starter("check", "claim.json", "nowhere.pdf")
    assert (done.returncode, done.stdout) == (WRONG_INPUT, "")
    assert "nowhere.pdf" in done.stderr


def test_as_json_it_has_each_line(shell: Shell, folder: Path) -> None:
    (folder / "ok.docx").write_bytes(documents.word(*PROOF.splitlines()))
    done = shell.starter("check", "claim.json", "ok.docx", "--json")
    assert '"topic": "product"' in done.stdout
