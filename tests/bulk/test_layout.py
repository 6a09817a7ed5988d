"""The columns, and that what is written into a cell is read back as it was."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from time import process_time
from typing import Any, cast

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from cpor.bulk import layout, template
from cpor.bulk.csv_table import line
from cpor.rules.claim import Claim
from cpor.rules.errors import Invalid
from cpor.rules.facts import ClaimId, Opening
from tests.bulk.files import keyed
from tests.examples import dynamics_opening, opening
from tests.rules.play import MONDAY

ROOT = Path(__file__).parents[2]


def without_nothing(data: Any) -> Any:
    """An empty cell and a field that is left out are the same."""
    if isinstance(data, dict):
        fields = cast("dict[str, Any]", data).items()
        return {name: without_nothing(value) for name, value in fields if value is not None}
    return data


@pytest.mark.parametrize("claim", [opening(), dynamics_opening(), keyed(1)])
def test_a_claim_in_cells_is_read_back_as_it_was(claim: dict[str, Any]) -> None:
    assert layout.opening(layout.cells(claim)) == (without_nothing(claim), [])


def test_there_is_a_column_for_every_field_of_a_claim_and_each_is_explained() -> None:
    heads = {name.partition(".")[0] for name in layout.COLUMNS}
    assert heads == set(Opening.model_fields)
    assert list(template.MEANINGS) == list(layout.COLUMNS)


def test_the_documentation_has_every_column() -> None:
    assert template.columns() in (ROOT / "docs/bulk.md").read_text("utf-8")


def test_the_id_made_from_a_key_is_always_the_same() -> None:
    assert layout.claim_id_from("2026-0001") == "CPOR-KL7KLERZEHNQJWO2"


def test_a_claim_keeps_the_key_of_its_row_with_an_id_of_its_own_or_without() -> None:
    for row in (keyed(1), opening(key="2026-00001")):
        data, wrong = layout.with_id(row)
        assert not wrong
        assert Claim.open(data, MONDAY).state.key == "2026-00001"


def test_a_key_that_cannot_be_kept_is_named_once() -> None:
    row = {**keyed(1), "key": "two\nlines"}
    assert layout.with_id(row) == (row, [])
    with pytest.raises(Invalid) as refused:
        Claim.open(row, MONDAY)
    assert {"key", "claim_id"} == {each.field for each in refused.value.problems}


@given(st.text(min_size=1))
def test_the_id_made_from_any_key_is_a_claim_id(key: str) -> None:
    made = layout.claim_id_from(key.encode("utf-8", "replace").decode())
    assert TypeAdapter(ClaimId).validate_python(made) == made


@pytest.mark.parametrize(
    ("cell", "products"),
    [
        ("Teams", [{"name": "Teams"}]),
        ("Teams; Exchange Online", [{"name": "Teams"}, {"name": "Exchange Online"}]),
        (" Teams|Intune |", [{"name": "Teams"}, {"name": "Intune"}]),
        ("Teams\nIntune", [{"name": "Teams"}, {"name": "Intune"}]),
        (
            "Sales = 0d3f; Finance",
            [{"name": "Sales", "subscription_id": "0d3f"}, {"name": "Finance"}],
        ),
    ],
)
def test_products_stand_in_one_cell(cell: str, products: list[dict[str, str]]) -> None:
    assert layout.opening({"products": cell})[0]["products"] == products


@pytest.mark.parametrize(
    ("cell", "evidence"),
    [
        ("sow.pdf", [{"file": "sow.pdf"}]),
        ("sow.pdf; order.pdf", [{"file": "sow.pdf"}, {"file": "order.pdf"}]),
        ('{"sha256": "ab"}', [{"sha256": "ab"}]),
        ('[{"sha256": "ab"}]', [{"sha256": "ab"}]),
    ],
)
def test_proof_is_named_by_file_or_by_reference(cell: str, evidence: list[dict[str, str]]) -> None:
    assert layout.opening({"evidence": cell})[0]["evidence"] == evidence


@pytest.mark.parametrize(("cell", "submit"), [("yes", True), ("FALSE", False), ("1", True)])
def test_submit_is_yes_or_no(cell: str, submit: bool) -> None:
    assert layout.opening({"submit": cell})[0]["submit"] is submit


def split_at(separator: str) -> Callable[[str], list[str]]:
    return lambda line: line.split(separator)


STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
ODD = st.text(st.sampled_from("=+-@'\";,|\t\r\n ab＝")) | st.text(st.characters(codec="utf-8"))


@given(ODD)
def test_no_text_is_written_so_that_a_spreadsheet_runs_it(text: str) -> None:
    written = layout.neutral(text)
    assert not written.startswith(STARTS_A_FORMULA)
    assert layout.literal(written) == text


@given(ODD, st.sampled_from(",;\t"), st.sampled_from(",;\t|"), st.booleans())
@example("x;=cmd|' /C calc'!A0", ",", ";", False)
@example('x;"=cmd"', ",", ";", True)
@example("x\n=1+1", ",", ";", False)
@example(" =1+1", ",", ";", False)
@example("\t=1+1", ",", "\t", True)
def test_a_program_that_splits_lines_elsewhere_finds_no_formula(
    text: str, ours: str, theirs: str, minds_quotes: bool
) -> None:
    row = line(["CPOR-1", layout.neutral(text), "end"], ours).decode("utf-8", "surrogateescape")
    lines = re.split("[\r\n]", row)
    rows = csv.reader(lines, delimiter=theirs) if minds_quotes else map(split_at(theirs), lines)
    for cell in chain.from_iterable(rows):
        assert not cell.strip().startswith(("=", "+", "-", "@", "＝"))


def test_a_long_cell_of_separators_is_read_at_once() -> None:
    began = process_time()
    layout.literal(layout.neutral("," * 100_000))
    assert process_time() - began < 5


LOOK_LIKE_FORMULAS = ["=1+1", "@SUM(A1)", "+49 30", "-", "'=1+1", "''", "'tis", "\t=1"]
WITHIN = ["a;=1", "a; '=1", 'b,"=1', "call me: 030, +49 30"]


@pytest.mark.parametrize("text", [*LOOK_LIKE_FORMULAS, *WITHIN])
def test_what_looks_like_a_formula_comes_back_as_it_was(text: str) -> None:
    written = layout.neutral(text)
    assert not written.startswith(STARTS_A_FORMULA)
    assert layout.literal(written) == text
