"""Rows become claims on the real engine, each once, however often the file is imported."""

from __future__ import annotations

import asyncio
import csv
import os
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from temporalio.client import WorkflowExecutionStatus

from cpor import EngineUnreachable, PortalError, exits
from cpor.bulk.checks import CheckedRows
from cpor.bulk.summary import GO_ON
from cpor.cli.errors import report
from tests.bulk.files import Importing, write_rows
from tests.bulk.imports import CountingClient, Imports, counts
from tests.examples import PROOF, PROOF_SHA256
from tests.shell import Shell
from tests.workflows.world import World


async def test_each_row_is_a_claim_and_again_nothing_is_started(
    idle_world: World, imports: Imports
) -> None:
    place = imports.write(imports.row(number) for number in range(5))
    summary = await imports.run(place)
    assert (summary.outcome, counts(summary), summary.code) == ("done", (5, 0, 0), 0)
    for number in range(5):
        handle = idle_world.client.get_workflow_handle(imports.claim_id(number))
        assert (await handle.describe()).status is WorkflowExecutionStatus.RUNNING
    again = await imports.run(imports.write(imports.row(number) for number in range(6)))
    assert counts(again) == (1, 5, 0), "what joined the file is started, the rest is there"


async def test_a_row_without_proof_files_costs_one_question_its_start(
    imports: Imports, claims: CountingClient
) -> None:
    await imports.run(imports.write(imports.row(number) for number in range(3)))
    assert (claims.opened, claims.asked) == (3, 0)


async def test_a_claim_from_a_row_is_the_claim_that_was_written(
    world: World, claims: CountingClient, imports: Imports
) -> None:
    (world.folder / "sow.pdf").write_bytes(PROOF)
    sent = imports.row(1, evidence=[{"file": "sow.pdf"}], name="=1+1", comment="Two\nlines.")
    assert (await imports.run(imports.write([sent]))).started == 1
    known = await claims.claim(imports.claim_id(1))
    assert (known.status.value, known.name) == ("Submitted", "=1+1")
    assert known.customer.contact.title == "CIO"
    assert [file.sha256 for file in known.evidence] == [PROOF_SHA256]
    again = await imports.run(world.folder / "claims.csv")
    assert counts(again) == (0, 1, 0)
    handle = world.client.get_workflow_handle(imports.claim_id(1))
    await world.until_claim(handle, owed=[])


async def test_an_id_with_another_claim_is_a_failed_row_and_the_others_go_on(
    imports: Imports,
) -> None:
    await imports.run(imports.write([imports.row(1)]))
    changed = [imports.row(0), imports.row(1, name="Another"), imports.row(2)]
    summary = await imports.run(imports.write(changed))
    assert (counts(summary), summary.code) == ((2, 0, 1), 3)
    assert imports.said[-1].startswith(f"row 3: {imports.claim_id(1)} is taken by another claim")
    assert summary.failed_file is not None
    with Path(summary.failed_file).open(encoding="utf-8-sig", newline="") as file:
        (row,) = csv.DictReader(file)
    assert (row["is.row"], row["key"], row["name"]) == ("3", imports.key(1), "Another")
    assert "is taken by another claim" in row["is.problem"]


async def test_no_more_are_under_way_than_may_be(imports: Imports, claims: CountingClient) -> None:
    place = imports.write(imports.row(number) for number in range(40))
    await imports.run(place, at_once=4)
    assert (claims.opened, claims.most) == (40, 4)


async def test_where_the_engine_answers_no_more_the_import_stops_and_goes_on_later(
    imports: Imports, claims: CountingClient
) -> None:
    place = imports.write(imports.row(number) for number in range(20))
    claims.breaks_after = 8
    summary, error = await imports.try_to_run(place, at_once=4)
    assert isinstance(error, EngineUnreachable)
    assert summary.outcome == "stopped"
    assert 8 <= summary.started < 20
    assert GO_ON in str(summary)
    claims.breaks_after = 10_000
    again = await imports.run(place)
    assert counts(again) == (20 - summary.started, summary.started, 0)


async def test_ctrl_c_lets_what_is_under_way_come_to_its_end(
    imports: Imports, claims: CountingClient
) -> None:
    place = imports.write(imports.row(number) for number in range(200))
    importing = asyncio.create_task(imports.try_to_run(place, at_once=4))
    while claims.opened < 10:
        await asyncio.sleep(0.01)
    os.kill(os.getpid(), signal.SIGINT)
    summary, error = await importing
    assert (error, summary.outcome, summary.code) == (None, "stopped", exits.INTERRUPTED)
    assert (claims.under_way, claims.opened) == (0, summary.started)
    assert summary.started < 200
    assert GO_ON in str(summary)


# Failed rows that cannot be kept


@pytest.mark.parametrize("failed_file", [Path("/dev/full"), Path("/nowhere/failed.csv")])
async def test_where_failed_rows_cannot_be_written_it_stops_and_counts_what_it_started(
    imports: Imports, claims: CountingClient, failed_file: Path
) -> None:
    await imports.run(imports.write([imports.row(4, name="Another")]))
    claims.opened = 0
    place = imports.write(imports.row(number) for number in range(200))
    summary, error = await imports.try_to_run(place, at_once=4, failed_file=failed_file)
    at_its_end = claims.opened
    assert error is not None
    assert f"{failed_file} cannot be written: " in str(error)
    assert report(error) == exits.BROKEN
    assert (summary.outcome, counts(summary)) == ("stopped", (at_its_end, 0, 1))
    assert at_its_end < 200
    assert imports.said[0].startswith("row 6: "), "the reason is told all the same"
    assert "rows were not tried" in str(summary)

    await asyncio.sleep(0)
    assert (claims.under_way, claims.opened) == (0, at_its_end), "nothing goes on uncounted"


def test_a_disk_without_room_for_what_was_checked_is_told_in_a_sentence(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    connect = sqlite3.connect

    def small(place: str) -> sqlite3.Connection:
        database = connect(place)
        database.execute("PRAGMA max_page_count = 10")
        return database

    monkeypatch.setattr("cpor.bulk.checks.sqlite3.connect", small)
    with closing(CheckedRows()) as checked:

        def fill() -> None:
            for number in range(10_000):
                checked.first_row_with(f"CPOR-{number}", number)

        with pytest.raises(PortalError, match=r"disk is full\. Set TMPDIR to a folder with more"):
            fill()


# The command


def test_without_an_engine_it_says_so_in_a_sentence(shell: Shell) -> None:
    write_rows(shell.folder, 2)
    done = shell.starter("import", "claims.csv", TEMPORAL_ADDRESS="127.0.0.1:1")
    assert done.returncode == 4
    assert done.stderr.startswith("No Temporal answers at 127.0.0.1:1.")


def test_the_template_can_be_imported_as_it_is_in_both_layouts(shell: Shell) -> None:
    for words in ((), ("--format", "ndjson")):
        template = shell.starter("import-template", *words)
        done = shell.starter("import", "-", "--dry-run", given=template.stdout)
        assert (done.returncode, done.stdout) == (0, "All 2 rows are right. Nothing was started.\n")


def test_wrong_rows_end_the_command_with_2_and_say_where_they_are(shell: Shell) -> None:
    write_rows(shell.folder, 1)
    place = shell.folder / "claims.csv"
    place.write_bytes(place.read_bytes().replace(b",SE,", b",Sweden,"))
    done = shell.starter("import", "claims.csv", "--failed", "wrong.csv")
    assert done.returncode == 2
    assert done.stderr == (
        "row 2: customer.country: must be a two-letter country code such as DE\n"
    )
    assert done.stdout == (
        "1 of 1 rows are wrong. Nothing was started.\n"
        "The failed rows, each with its reason: wrong.csv\n"
    )


def test_a_summary_for_programs(shell: Shell) -> None:
    write_rows(shell.folder, 3)
    assert shell.json("import", "claims.csv", "--dry-run", "--json") == {
        "outcome": "right",
        "rows": 3,
        "started": 0,
        "already_there": 0,
        "failed": 0,
        "failed_file": None,
        "seconds": 0.0,
    }


# Memory


@pytest.mark.thorough
def test_memory_does_not_grow_with_the_number_of_rows(shell: Shell) -> None:
    peaks = list[int]()
    for count in (100, 10_000):
        file = write_rows(shell.folder, count, comment="Proof follows. " * 200)
        done = Importing(shell, file.name, "--dry-run").ended()
        assert done.code == 0, done.complained
        peaks.append(done.peak_kib)
    assert file.stat().st_size > 10_000 * 3_000
    assert peaks[1] - peaks[0] < 6_000, f"in KiB: {peaks}"


@pytest.mark.parametrize(
    "content",
    [
        b"x",
        *(pytest.param(each, marks=pytest.mark.thorough) for each in (b"\0", b'\n"x', b'{"a": "')),
    ],
)
def test_two_hundred_megabytes_without_a_row_are_refused_at_once(
    shell: Shell, content: bytes
) -> None:
    with (shell.folder / "claims.csv").open("wb") as file:
        file.write(content)
        file.truncate(200_000_000)
    done = Importing(shell, "claims.csv").ended()
    assert done.code == 2
    assert "row" in done.complained
    assert "is longer than 256 KiB" in done.complained
    assert done.peak_kib < 180_000
