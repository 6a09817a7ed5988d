"""Each row is checked once, and each proof file read as seldom as is safe."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from cpor import exits
from cpor.rules.claim import Claim
from tests.bulk.imports import CountingClient, Imports, counts, opens_of
from tests.examples import PROOF


@pytest.fixture
def proof(imports: Imports) -> Path:
    file = imports.folder / "sow.pdf"
    file.write_bytes(PROOF)
    return file


@pytest.fixture
def one_row(imports: Imports, proof: Path) -> Path:
    return imports.write([imports.row(0, evidence=[{"file": proof.name}])])


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The claims that the rules were asked about."""
    found: list[str] = []
    ask = Claim.open

    def counted(data: Any, *more: Any) -> Claim:
        found.append(data["claim_id"])
        return ask(data, *more)

    monkeypatch.setattr(Claim, "open", counted)
    return found


async def test_a_proof_file_is_read_to_check_it_and_to_upload_it_never_on_the_event_loop(
    imports: Imports, one_row: Path, proof: Path
) -> None:
    with opens_of(proof) as threads:
        assert (await imports.run(one_row)).started == 1
    assert len(threads) == 2
    assert threading.get_ident() not in threads


async def test_the_proof_of_a_claim_that_is_there_is_not_uploaded_again(
    imports: Imports, one_row: Path, proof: Path
) -> None:
    await imports.run(one_row)
    with opens_of(proof) as threads:
        assert (await imports.run(one_row)).already_there == 1
    assert len(threads) == 1


async def test_the_rules_are_asked_about_each_row_once(imports: Imports, asked: list[str]) -> None:
    await imports.run(imports.write(imports.row(number) for number in range(3)))
    assert sorted(asked) == sorted(map(imports.claim_id, range(3)))


def _is_rewritten(file: Path) -> None:
    file.write_bytes(b"Another text")


def _becomes_a_pipe(file: Path) -> None:
    file.unlink()
    os.mkfifo(file)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (_is_rewritten, "sow.pdf was changed after it was checked."),
        (Path.unlink, "sow.pdf cannot be read: No such file or directory."),
        (_becomes_a_pipe, "sow.pdf cannot be proof: it is no regular file."),
    ],
)
async def test_a_proof_file_that_changes_after_the_check_fails_its_row_and_no_other(
    imports: Imports,
    claims: CountingClient,
    proof: Path,
    change: Callable[[Path], None],
    reason: str,
) -> None:
    def change_once() -> None:
        claims.before_open = lambda: None
        change(proof)

    claims.before_open = change_once
    rows = [imports.row(0, evidence=[{"file": proof.name}]), imports.row(1)]
    summary = await imports.run(imports.write(rows), at_once=1)
    assert (counts(summary), summary.code) == ((1, 0, 1), exits.REFUSED)
    assert imports.said[0].startswith("row 2: ")
    assert imports.said[0].endswith(reason)
    assert not await claims.is_there(imports.claim_id(0))


async def test_a_row_gets_no_file_by_a_link_that_leads_out_of_the_folder(
    imports: Imports, claims: CountingClient, proof: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    secret = tmp_path_factory.mktemp("elsewhere") / "secret.txt"
    secret.write_text("not for partners")
    (imports.folder / "stolen.txt").symlink_to(secret)
    (imports.folder / "same.pdf").symlink_to(proof.name)
    names = ("stolen.txt", "same.pdf")
    rows = [imports.row(i, evidence=[{"file": name}]) for i, name in enumerate(names)]
    summary = await imports.run(imports.write(rows))
    assert counts(summary)[0] == 0, "nothing is started while a row is wrong"
    assert "stolen.txt is a link that leads out of the claim's folder" in "\n".join(imports.said)
    assert not await claims.is_there(imports.claim_id(0))
    (imports.folder / "stolen.txt").unlink()
    assert (await imports.run(imports.write(rows[1:]))).started == 1
