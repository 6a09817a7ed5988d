"""What is wrong with a file is said by row, column and reason, and nothing is started."""

from __future__ import annotations

import csv
import json
import os
import threading
from collections.abc import Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from cpor import ClaimsClient
from cpor.bulk import csv_table, layout
from cpor.bulk.files import FileUnusable
from cpor.bulk.imports import Import
from cpor.bulk.rows import MOST_ROW_BYTES
from cpor.bulk.summary import Summary
from tests.bulk.files import csv_of, keyed
from tests.examples import PROOF

HEADER, ROW = csv_of([keyed(1)]).splitlines(keepends=True)
TOO_LONG = (
    f"is longer than {MOST_ROW_BYTES // 1024} KiB, so what follows was not read; "
    "is a quotation mark not closed?"
)


def nobody() -> AbstractAsyncContextManager[ClaimsClient]:
    raise AssertionError("nothing may be started")


async def checked(place: Path) -> tuple[Summary, list[str]]:
    said: list[str] = []
    summary, _ = await Import(place).run(nobody, said.append)
    return summary, said


async def complaints(folder: Path, content: bytes, name: str = "claims.csv") -> list[str]:
    place = folder / name
    place.write_bytes(content)
    summary, said = await checked(place)
    assert (summary.outcome, summary.code) == ("wrong", 2)
    return said


async def all_right(folder: Path, content: bytes, rows: int = 1) -> None:
    place = folder / "claims.csv"
    place.write_bytes(content)
    said: list[str] = []
    summary, _ = await Import(place, dry_run=True).run(nobody, said.append)
    assert (summary, said) == (Summary("right", rows), [])
    assert list(folder.iterdir()) == [place], "there is no file of failed rows"


def with_cells(**changed: str) -> bytes:
    """The good row with other cells."""
    cells = {**layout.cells(keyed(1)), **{_column(name): text for name, text in changed.items()}}
    return HEADER + csv_table.line(list(cells.values()))


def _column(name: str) -> str:
    return name.replace("__", ".")


def ndjson(*rows: Mapping[str, Any]) -> bytes:
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


# What is taken as it comes


@pytest.mark.parametrize("separator", [",", ";", "\t"])
async def test_the_header_tells_what_separates_the_cells(tmp_path: Path, separator: str) -> None:
    await all_right(tmp_path, csv_of([keyed(1), keyed(2)], separator), rows=2)


async def test_a_mark_of_utf8_windows_line_ends_and_empty_lines_do_no_harm(tmp_path: Path) -> None:
    assert HEADER.endswith(b"\r\n")
    empty = b"\r\n" + b"," * (len(layout.COLUMNS) - 1) + b"\r\n"
    await all_right(tmp_path, b"\xef\xbb\xbf" + HEADER + empty + ROW + empty)


async def test_a_cell_may_have_lines(tmp_path: Path) -> None:
    await all_right(tmp_path, with_cells(comment="First,\nthen; last."))


async def test_columns_come_in_any_order_and_those_not_needed_may_be_absent(tmp_path: Path) -> None:
    cells = {name: cell for name, cell in layout.cells(keyed(1)).items() if cell}
    names = sorted(cells, reverse=True)
    header = [name.upper() for name in names]
    await all_right(
        tmp_path, csv_table.line(header) + csv_table.line([f" {cells[name]} " for name in names])
    )


async def test_columns_that_tell_of_a_claim_are_passed_over(tmp_path: Path) -> None:
    told = HEADER.strip() + b",is.status,\r\n" + ROW.strip() + b",Approved,\r\n"
    await all_right(tmp_path, told)


async def test_objects_are_taken_line_by_line(tmp_path: Path) -> None:
    rows = ndjson(keyed(1), {**keyed(2), "is": {"status": "Approved"}})
    await all_right(tmp_path, b"\xef\xbb\xbf" + rows.replace(b"\n", b"\r\n\r\n"), rows=2)


async def test_an_import_without_rows_is_all_right(tmp_path: Path) -> None:
    await all_right(tmp_path, HEADER, rows=0)


async def test_a_pipe_can_be_imported(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    writing = threading.Thread(target=(tmp_path / "pipe").write_bytes, args=[HEADER + ROW])
    writing.start()
    summary, _ = await Import(tmp_path / "pipe", dry_run=True).run(nobody, print)
    writing.join()
    assert summary == Summary("right", 1)


# Files that are no files of claims


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "it is empty, without even a header"),
        (b"\n \n", "it is empty, without even a header"),
        ("key,name".encode("utf-16"), "it is UTF-16: save it as CSV UTF-8"),
        (b"PK\x03\x04\x14", "it is a workbook: save its sheet as CSV UTF-8"),
        (b"\x1f\x8b\x08", "it is compressed: unpack it first"),
        (b"[\n{}]", "it is one JSON list: write one object a line"),
        (HEADER.replace(b"customer.domain", b"customer.domian") + ROW, "nearest: customer.domain"),
        (HEADER.replace(b"comment", b"name") + ROW, "the column name is there twice"),
        (b"name,edition\r\n", "needed columns are missing: key (or claim_id), program, activity,"),
        (HEADER.replace(b"\r\n", b"\r") + ROW, "row 1 has the line ends of an old Macintosh"),
        (b'"' + HEADER, "row 1 a quotation mark is opened and never closed"),
        (b"x" * 2 * MOST_ROW_BYTES, f"row 1 {TOO_LONG}"),
        (b"\0" * 100, "is not a known column"),
        (b",".join(b"c%d" % number for number in range(30_000)), "'c9' is not a known column"),
    ],
)
async def test_a_file_that_is_none_of_ours_is_refused_in_a_sentence(
    tmp_path: Path, content: bytes, said: str
) -> None:
    place = tmp_path / "claims.csv"
    place.write_bytes(content)
    with pytest.raises(FileUnusable) as refused:
        await checked(place)
    assert said in str(refused.value)


async def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileUnusable, match=r"none\.csv cannot be read: No such file"):
        await checked(tmp_path / "none.csv")
    with pytest.raises(FileUnusable, match="cannot be read: Is a directory"):
        await checked(tmp_path)


async def test_a_file_is_not_written_over_by_its_own_failed_rows(tmp_path: Path) -> None:
    place = tmp_path / "claims.csv"
    place.write_bytes(with_cells(submit="perhaps"))
    with pytest.raises(FileUnusable, match="written over by its own failed rows"):
        await Import(place, failed_file=place).run(nobody, print)


async def test_failed_rows_that_cannot_be_written_are_told_in_a_sentence(tmp_path: Path) -> None:
    place = tmp_path / "claims.csv"
    place.write_bytes(with_cells(submit="perhaps"))
    with pytest.raises(FileUnusable, match="/dev/full cannot be written: No space left"):
        await Import(place, failed_file=Path("/dev/full")).run(nobody, print)


# Rows


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (with_cells(customer__country="Sweden"), "customer.country: must be a two-letter"),
        (with_cells(customer__country=""), "customer.country: is needed"),
        (with_cells(products="Teamz"), "products.0.name: 'Teamz' is not in the product catalogue"),
        (with_cells(submit="perhaps"), "submit: must be yes or no"),
        (with_cells(evidence="none.pdf"), "evidence: "),
        (with_cells(evidence="../sow.pdf"), "evidence: ../sow.pdf must be the name of a file"),
        (with_cells(evidence='[{"sha256"'), "evidence: begins like JSON and is none"),
        (with_cells(name="=A1"), "name: begins with =, a formula and no text; if it is meant,"),
        (with_cells(name="a\0b"), "name: has a NUL byte"),
        (with_cells(key=""), "key: is needed, or a claim_id"),
        (with_cells(claim_id="no id"), "claim_id: must be 4 to 40 characters of A-Z, 0-9 and -"),
        (with_cells(edition="1999"), "edition: "),
        (with_cells(by__role="reviewer", by__id="kim"), "by: a claim is opened by its partner"),
        (HEADER + ROW.replace(b"Berg", b"J\xf6rg"), "partner.contact.name: is not UTF-8: save"),
        (HEADER + b"a,b\r\n", f"has 2 cells, the header has {len(layout.COLUMNS)}"),
        (HEADER + ROW.strip() + b",more\r\n", "cells, the header has"),
        (HEADER.strip() + b",\r\n" + ROW.strip() + b",more\r\n", "stands under no column name"),
        (HEADER + b'"2026,x\r\n', "a quotation mark is opened and never closed"),
        (HEADER + b'"2026"1' + ROW, "a quotation mark stands inside a quoted cell"),
        (HEADER + b"x" * 2 * MOST_ROW_BYTES, TOO_LONG),
        (HEADER + b'"' + b"x\r\n" * MOST_ROW_BYTES, TOO_LONG),
    ],
)
async def test_a_wrong_row_is_named_with_column_and_reason(
    tmp_path: Path, content: bytes, said: str
) -> None:
    (complaint,) = await complaints(tmp_path, content)
    assert complaint.startswith("row 2: ")
    assert said in complaint


@pytest.mark.parametrize(
    ("line", "said"),
    [
        (b"{", "is not JSON, at character 2: Expecting property name"),
        (b"{}{}", "is not JSON, at character 3: Extra data"),
        (b"[1]", "must be one JSON object"),
        (b"\xff", "is not UTF-8"),
        (b'{"key": NaN}', "NaN is no number"),
        (b'{"key": "a", "key": "b"}', "names key twice"),
        (b'{"a":' * 50_000, "is nested too deep"),
        (ndjson({**keyed(1), "colour": "red"}), "colour: is not a known field"),
        (ndjson({**keyed(1), "name": 5}), "name: must be a text"),
        (ndjson({**keyed(1), "key": 5}), "key: "),
        (ndjson({**keyed(1), "key": " "}), "key: must not be empty"),
        (ndjson({**keyed(1), "claim_id": "\ud800"}), "claim_id: must be 4 to 40"),
        (ndjson({**keyed(1), "partner": []}), "partner: must be"),
        (ndjson(keyed(1, evidence=[{"file": "a\0.txt"}])), "a\\x00.txt' cannot be read"),
        (ndjson(keyed(1, evidence=[{"file": "\ud800.txt"}])), "\\ud800.txt' cannot be read"),
        (ndjson({**keyed(1), "comment": "x" * 5000}), "comment: must have at most 4000 bytes"),
        (ndjson({**keyed(1), "comment": "x" * 2 * MOST_ROW_BYTES}), TOO_LONG),
    ],
)
async def test_a_wrong_line_of_objects_is_named_likewise(
    tmp_path: Path, line: bytes, said: str
) -> None:
    (complaint,) = await complaints(tmp_path, ndjson(keyed(0)) + line, "claims.ndjson")
    assert complaint.startswith("row 2: ")
    assert said in complaint


async def test_everything_that_is_wrong_with_a_row_is_named_at_once(tmp_path: Path) -> None:
    content = with_cells(name="", customer__domain="nowhere", products="", evidence="none.pdf")
    (complaint,) = await complaints(tmp_path, content)
    for column in ("name", "customer.domain", "products", "evidence"):
        assert f"{column}: " in complaint
    assert "\ufffd" not in complaint


async def test_rows_are_counted_as_a_spreadsheet_counts_them(tmp_path: Path) -> None:
    lines = with_cells(comment="two\nlines", key="first").split(b"\r\n", 1)[1]
    wrong = with_cells(submit="perhaps").split(b"\r\n", 1)[1]
    (complaint,) = await complaints(tmp_path, HEADER + lines + b"\r\n" + wrong)
    assert complaint == "row 4: submit: must be yes or no"


async def test_two_rows_with_one_key_are_both_named(tmp_path: Path) -> None:
    other = csv_of([keyed(2), keyed(1)]).split(b"\r\n", 1)[1]
    said = await complaints(tmp_path, HEADER + ROW + b"\r\n" + other)
    assert said == ["row 5: key: is that of row 2 too"]


async def test_an_id_and_a_key_that_makes_the_same_id_are_one(tmp_path: Path) -> None:
    claim_id = layout.claim_id_from("2026-00001")
    rows = ndjson(keyed(1), {**keyed(2), "key": None, "claim_id": claim_id})
    said = await complaints(tmp_path, rows)
    assert said == ["row 2: claim_id: is that of row 1 too"]


# The file of failed rows


async def test_failed_rows_stand_in_a_file_of_the_same_layout_with_the_reason(
    tmp_path: Path,
) -> None:
    rows = [keyed(1), keyed(2, name="=A1"), keyed(3, program="osu"), keyed(4)]
    content = csv_of(rows, ";").replace(b"'=A1", b"=A1")
    assert len(await complaints(tmp_path, content)) == 2
    failed = read_csv(tmp_path / "claims.failed.csv", ";")
    assert [row["is.row"] for row in failed] == ["3", "4"]
    assert [row["key"] for row in failed] == ["2026-00002", "2026-00003"]
    assert failed[0]["name"] == "'=A1", "no spreadsheet runs it"
    assert failed[1]["is.problem"].startswith("program: must be 'osa-sell', 'osu-m365' or")


async def test_the_file_of_failed_rows_can_be_mended_and_imported(tmp_path: Path) -> None:
    await complaints(tmp_path, csv_of([keyed(1), keyed(2, program="osu")]))
    failed = tmp_path / "claims.failed.csv"
    assert len((await checked(failed))[1]) == 1, "as it stands it is as wrong as it was"
    assert [place.name for place in sorted(tmp_path.iterdir())] == [
        "claims.csv",
        "claims.failed.csv",
        "claims.failed.failed.csv",
    ]
    (again,) = read_csv(tmp_path / "claims.failed.failed.csv")
    assert list(again)[:3] == ["is.row", "is.problem", "key"], "the reason is there once"
    failed.write_bytes(failed.read_bytes().replace(b",osu,", b",osu-m365,"))
    summary, said = await Import(failed, dry_run=True).run(nobody, print)
    assert (summary, said) == (Summary("right", 1), None)


async def test_what_somebody_mends_is_never_written_over(tmp_path: Path) -> None:
    for name in ("claims.failed.csv", "claims.failed-2.csv"):
        await complaints(tmp_path, with_cells(submit="perhaps"))
        assert (tmp_path / name).exists()


async def test_failed_objects_stand_with_their_reason_and_unreadable_lines_as_text(
    tmp_path: Path,
) -> None:
    content = ndjson({**keyed(1), "name": ""}) + b"{oops\n"
    await complaints(tmp_path, content, "claims.ndjson")
    lines = (tmp_path / "claims.failed.ndjson").read_text().splitlines()
    first, second = map(json.loads, lines)
    assert first == {**keyed(1), "name": "", "is": {"row": 1, "problem": "name: must not be empty"}}
    assert second["is"]["line"] == "{oops"


async def test_only_the_first_failed_rows_are_told_the_others_are_in_the_file(
    tmp_path: Path,
) -> None:
    said = await complaints(tmp_path, csv_of(keyed(number, name="") for number in range(30)))
    assert len(said) == 21
    assert said[-1] == f"… the others are in {tmp_path / 'claims.failed.csv'}"
    assert len(read_csv(tmp_path / "claims.failed.csv")) == 30


async def test_proof_files_beside_the_file_are_looked_at(tmp_path: Path) -> None:
    (tmp_path / "sow.pdf").write_bytes(PROOF)
    place = tmp_path / "claims.csv"
    place.write_bytes(with_cells(evidence="sow.pdf"))
    summary, _ = await Import(place, dry_run=True).run(nobody, print)
    assert summary.outcome == "right"


def read_csv(place: Path, separator: str = ",") -> Sequence[Mapping[str, str]]:
    with place.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file, delimiter=separator))
