"""Claims go out in the layout they came in, with how they stand beside it."""

from __future__ import annotations

import asyncio
import csv
import io
import json
from collections.abc import AsyncIterator, Iterable, Mapping
from pathlib import Path
from typing import Any

import pytest

from cpor import ClaimClosed, EngineUnreachable, NoAnswer, PortalError
from cpor.bulk import claim_rows, exports, layout
from cpor.bulk.csv_table import Table
from cpor.bulk.files import FileUnusable
from cpor.bulk.ndjson import Objects
from cpor.cli.errors import report
from cpor.rules import views
from cpor.rules.claim import Claim
from cpor.rules.views import ClaimView
from tests.examples import PARTNER, PROOF, dynamics_opening, opening
from tests.rules.play import MONDAY
from tests.shell import Shell

IDS = [f"CPOR-{number:04}" for number in range(100)]


def known(data: Mapping[str, Any]) -> ClaimView:
    """As a client reads it."""
    return ClaimView.model_validate_json(
        views.view(Claim.open(data, MONDAY).state).model_dump_json()
    )


async def listed(ids: Iterable[str]) -> AsyncIterator[str]:
    for claim_id in ids:
        yield claim_id


def rows_of(written: bytes) -> list[Mapping[str, str]]:
    return list(csv.DictReader(io.StringIO(written.decode("utf-8-sig"), newline="")))


@pytest.mark.parametrize(
    "data", [opening(), opening(submit=False), opening(key="2026-0001"), dynamics_opening()]
)
def test_what_is_exported_opens_the_same_claim_elsewhere(data: dict[str, Any]) -> None:
    claim = known(data)
    table, objects = claim_rows.TableWriter(for_spreadsheets=True), claim_rows.ObjectWriter()
    for writer, sheet in ((table, Table), (objects, Objects)):
        (row,) = sheet(io.BytesIO(writer.heading() + writer.line(claim))).rows()
        assert not row.problems
        again = Claim.open(layout.with_id(row.data)[0], MONDAY)
        same = ("claim_id", "key", "partner", "customer", "products", "evidence", "status")
        for name in same:
            assert getattr(again.state, name) == getattr(claim, name), name


def test_no_cell_of_an_export_is_run_by_a_spreadsheet() -> None:
    writer = claim_rows.TableWriter(for_spreadsheets=False)
    claim = known(opening(name="=HYPERLINK(A1)"))
    (row,) = rows_of(writer.heading() + writer.line(claim))
    assert row["name"] == "'=HYPERLINK(A1)"
    assert row["is.status"] == "Submitted"


async def test_claims_are_asked_a_few_at_a_time_and_written_in_their_order() -> None:
    under_way = most = 0

    async def ask(claim_id: str) -> ClaimView:
        nonlocal under_way, most
        under_way += 1
        most = max(most, under_way)
        for _ in range(20 + IDS.index(claim_id) % 7):
            await asyncio.sleep(0)
        under_way -= 1
        return known(opening(claim_id))

    found = [each async for each in exports.in_order(listed(IDS), ask)]
    assert [each.claim_id for each in found if isinstance(each, ClaimView)] == IDS
    assert most == exports.AT_ONCE


async def test_one_that_cannot_be_read_hides_no_other_and_the_exit_code_tells(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    async def ask(claim_id: str) -> ClaimView:
        if claim_id == IDS[7]:
            raise ClaimClosed(f"{claim_id} was ended by force")
        return known(opening(claim_id))

    to = tmp_path / "claims.csv"
    writer = claim_rows.TableWriter(for_spreadsheets=True)
    assert await exports.export(listed(IDS), ask, writer, to, report) == 3
    assert [row["claim_id"] for row in rows_of(to.read_bytes())] == [*IDS[:7], *IDS[8:]]
    assert capsys.readouterr().err == f"{IDS[7]} was ended by force\n99 claims written.\n"


@pytest.mark.parametrize("error", [NoAnswer("nobody works"), EngineUnreachable("cut")])
async def test_where_nobody_answers_it_ends_and_leaves_no_half_file(
    tmp_path: Path, error: PortalError
) -> None:
    asked = 0

    async def ask(claim_id: str) -> ClaimView:
        nonlocal asked
        asked += 1
        raise error

    writer = claim_rows.ObjectWriter()
    with pytest.raises(type(error)):
        await exports.export(listed(IDS), ask, writer, tmp_path / "claims.ndjson", report)
    assert asked <= 2 * exports.AT_ONCE
    assert not list(tmp_path.iterdir())


async def test_an_export_to_no_file_is_refused_in_a_sentence() -> None:
    async def nobody(claim_id: str) -> ClaimView:
        raise AssertionError(f"{claim_id} need not be asked")

    with pytest.raises(FileUnusable, match="it names no file"):
        await exports.export(listed([]), nobody, claim_rows.ObjectWriter(), Path(""), report)


def test_from_the_template_to_claims_and_out_again(shell: Shell) -> None:
    shell.worker()
    (shell.folder / "sow.pdf").write_bytes(PROOF)
    (shell.folder / "claims.csv").write_text(shell.starter("import-template").stdout)
    imported = shell.starter("import", "claims.csv")
    assert imported.returncode == 0, imported.stderr
    assert imported.stdout.startswith("2 rows: 2 started, 0 already there, 0 failed, in ")

    submitted, draft = map(layout.claim_id_from, ("2026-0001", "2026-0002"))
    for words in (("add-evidence", submitted, "sow.pdf"), ("submit", submitted)):
        done = shell.starter(*words, "--by", "ada")
        assert done.returncode == 0, done.stderr
    withdrawal = json.dumps({"by": PARTNER, "reason": "other"})
    shell.until(lambda: shell.starter("send", draft, "withdraw", withdrawal).returncode == 0)
    shell.until(lambda: shell.json("show", submitted, "--json")["owed"] == [])
    shell.until(lambda: len(shell.starter("export").stdout.splitlines()) == 3)
    exported = shell.starter("export", "--to", "out.csv")
    assert (exported.returncode, exported.stderr) == (0, "2 claims written.\n")
    rows = {row["claim_id"]: row for row in rows_of((shell.folder / "out.csv").read_bytes())}
    assert {row: rows[row]["is.status"] for row in rows} == {
        submitted: "Submitted",
        draft: "Rejected",
    }
    assert rows[submitted]["products"] == "Teams; Exchange Online"
    assert shell.starter("import", "out.csv", "--dry-run").returncode == 0

    lines = shell.starter("export", "--format", "ndjson").stdout.splitlines()
    assert {json.loads(line)["claim_id"] for line in lines} == {submitted, draft}
    again = shell.json("import", "claims.csv", "--json")
    assert (again["started"], again["already_there"]) == (0, 2)
