"""The command that plays a year: figures for people and programs, plots, wrong options."""

from __future__ import annotations

import json

import pytest

from cpor.exits import WRONG_INPUT
from tests.shell import Shell

NOWHERE = {"TEMPORAL_ADDRESS": "127.0.0.1:1"}


def test_editions_stand_side_by_side_and_plots_are_drawn(shell: Shell) -> None:
    words = [
        "simulate",
        "--claims",
        "20",
        "--edition",
        "2020",
        "--edition",
        "2023",
        "--plots",
        "plots",
    ]
    shown = shell.starter(*words, **NOWHERE)
    assert (shown.returncode, shown.stderr) == (0, "")
    assert shown.stdout.splitlines()[0].split() == ["edition", "2020", "2023"]
    assert "decided in time" in shown.stdout
    assert {path.name for path in (shell.folder / "plots").iterdir()} == {
        "queue.svg",
        "decided.svg",
    }


def test_programs_get_the_same_figures_for_the_same_seed(shell: Shell) -> None:
    words = ["simulate", "--claims", "20", "--seed", "7", "--luck", "hostile", "--json"]
    done = [shell.starter(*words, **NOWHERE) for _ in range(2)]
    assert [(each.returncode, each.stderr) for each in done] == [(0, "")] * 2
    first, second = (json.loads(each.stdout) for each in done)
    assert first == second
    assert first["claims"] == sum(first["ends"].values()) == 20


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("--luck fiar", "--luck fiar: must be fair or hostile; did you mean fair?"),
        ("--edition 2032", "--edition: edition '2032' is not known"),
        ("--claims 0", "Invalid value for '--claims'"),
        ("--days 400", "Invalid value for '--days'"),
        ("--reviewers none", "Invalid value for '--reviewers'"),
        ("--plots /dev/null", "--plots /dev/null: is no folder"),
        ("--plots /dev/null/plots", "--plots /dev/null/plots: cannot be made: Not a directory"),
    ],
)
def test_a_wrong_option_is_named(shell: Shell, words: str, said: str) -> None:
    done = shell.starter("simulate", *words.split(), **NOWHERE)
    assert (done.returncode, done.stdout) == (WRONG_INPUT, "")
    assert said in " ".join(done.stderr.split())
