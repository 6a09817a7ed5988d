"""Claims of earlier releases are still what they were: the same commands, and the same claim.

`python -m tests.histories.save RELEASE` keeps the stories of `tests/histories/stories.py`.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest

from cpor.rules import facts
from tests.histories.kept import HERE, claim_in, differences, dump_of, histories
from tests.histories.stories import STORIES
from workflows.claim import ClaimWorkflow

RELEASE = tomllib.loads((HERE.parents[1] / "pyproject.toml").read_text())["project"]["version"]
APPROVED = HERE / RELEASE / "approved-1.json"


def name(history: Path) -> str:
    return f"{history.parent.name}/{history.stem}"


def test_this_release_is_kept_with_all_its_stories() -> None:
    kept = {each.stem.rpartition("-")[0] for each in histories(RELEASE)}
    assert kept == set(STORIES), f"uv run python -m tests.histories.save {RELEASE}"


def test_a_claim_that_outlives_its_run_is_kept_with_both_runs() -> None:
    assert (HERE / RELEASE / "approved-2.json").exists()


@pytest.mark.parametrize("history", histories(), ids=name)
async def test_what_a_release_did_is_what_its_claims_know_today(history: Path) -> None:
    assert await differences(history) == []


@pytest.mark.parametrize("history", histories(), ids=name)
def test_a_kept_history_tells_nothing_of_the_machine_it_was_made_on(history: Path) -> None:
    for kept in (history, dump_of(history)):
        assert not re.search(r"stackTrace|\d+@|/site-packages/", kept.read_text("utf-8"))


async def test_a_step_that_is_left_out_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(claim: ClaimWorkflow) -> None:
        """Search attributes are written no more: other commands than were kept."""

    monkeypatch.setattr(ClaimWorkflow, "publish", nothing)
    (difference,) = await differences(APPROVED)
    assert difference.startswith("commands: ")
    assert "Nondeterminism" in difference


async def test_a_rule_that_turns_the_past_is_noticed_though_the_commands_are_the_same(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert "Looks good." in await claim_in(APPROVED)
    monkeypatch.setattr(facts, "MOST_TEXT_BYTES", {1: 50})
    found = await differences(APPROVED)
    assert found
    assert not [each for each in found if each.startswith("commands: ")]
    assert any("refused" in each for each in found), "the comment was taken, and now is not"
