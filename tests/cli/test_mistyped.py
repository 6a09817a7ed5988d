"""Mistyped commands and their answers: what was typed, what is wrong with it, what may be meant."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cpor.exits import WRONG_INPUT
from tests.examples import PROOF, opening
from tests.shell import Shell

C = "CPOR-7Q2M4X"
MISTYPED = {
    "lsit": "No such command 'lsit'. Did you mean 'list'",
    "aprove CPOR-7Q2M4X": "No such command 'aprove'. Did you mean 'approve'",
    "list --satus Approved": "No such option: --satus (Possible options: --status)",
    "list --status aproved": "--status: must be 'Editing',",
    "list --status Aproved": "did you mean Approved?",
    "list --waiting-for review": "did you mean reviewer?",
    "list --program osu-m356": "did you mean osu-m365?",
    "list --product Temas": "--product: 'Temas' is not in the product catalogue; nearest: Teams",
    "list --due-before yestrday": "--due-before yestrday: is no day; write tomorrow, friday,",
    "list --limit 0": "Invalid value for '--limit'",
    "list --json --csv": "say --json or --csv, not both",
    f"show {C} --side kng": "--side kng: must be one of partner, reviewer, customer",
    f"show {C} --side reviewr": "did you mean reviewer?",
    f"history {C} --side Partnr": "did you mean partner?",
    f"reject {C} --because insuficient_poe": "--because insuficient_poe: must be ",
    f"reject {C} --because insuficient-poe": "did you mean insufficient_poe?",
    f"reject {C} --because missing_products": "--because missing_products: the reason 'missing_",
    f"reject {C}": "say why with --because",
    f"request-info {C} --ask missing_product": "did you mean missing_products?",
    f"request-info {C}": "requests: ",
    f"withdraw {C} --reason wrong_mnp": "did you mean wrong_mpn?",
    f"extend {C} 99 --why flood": "DAYS 99: must be less than or equal to 30",
    f"extend {C} five --why flood": "Invalid value for 'DAYS'",
    f"extend {C} 2 --why flood --clock revew": "did you mean review?",
    f"eligibility-result {C} eligble": "OUTCOME eligble: must be 'eligible' or 'not_eligible'",
    f"approve {C} CPOR-8B3D5F --seen 4": "--seen is about the history of one claim: name one",
    f"approve {C} --by k!m": "--by: ",
    "deadline --days 5 --country Germany": "--country: 'Germany' is not a two-letter country code",
    "deadline --days 5 --country DE --from soon": "--from: 'soon' is no day or instant; write",
    "editions diff 2020 2032": "2032",
}


@pytest.mark.parametrize("words", MISTYPED)
def test_what_was_mistyped_is_named_and_nothing_is_sent(tmp_path: Path, words: str) -> None:
    done = Shell(tmp_path).starter(*words.split(), TEMPORAL_ADDRESS="127.0.0.1:1")
    assert (done.returncode, done.stdout) == (WRONG_INPUT, "")
    assert MISTYPED[words] in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_of_several_claims_the_wrong_one_is_named_by_its_file(tmp_path: Path) -> None:
    shell = Shell(tmp_path)
    (tmp_path / "sow.pdf").write_bytes(PROOF)
    for name, changes in (("right", {}), ("wrong", {"name": ""})):
        data = opening(C, evidence=[{"file": "sow.pdf"}], **changes)
        (tmp_path / f"{name}.json").write_text(json.dumps(data))
    done = shell.starter("start", "right.json", "wrong.json", TEMPORAL_ADDRESS="127.0.0.1:1")
    assert (done.returncode, done.stdout) == (WRONG_INPUT, "")
    assert done.stderr == "invalid: wrong.json: name: must not be empty\n"
