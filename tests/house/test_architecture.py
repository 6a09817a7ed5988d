"""The page about the architecture shows what is there: its picture and its three walks."""

from __future__ import annotations

import re

import pytest

from docs.generate.architecture import PAGE, ROOT, with_picture

LONGEST = {
    "A reviewer asks for more, and the partner gets a mail": 14,
    "A customer says no after the hand-off, and it is recalled": 15,
    "A row of a CSV file becomes a claim": 12,
}


def walk(title: str) -> list[str]:
    _, _, after = PAGE.read_text("utf-8").partition(f"### {title}\n")
    return re.findall(r"^\d+\. (.+)$", after.partition("\n#")[0], re.MULTILINE)


def test_the_picture_is_what_the_imports_say() -> None:
    page = PAGE.read_text("utf-8")
    assert with_picture(page) == page, "uv run python -m docs.generate.architecture"


@pytest.mark.parametrize("title", LONGEST)
def test_a_walk_opens_few_files_and_each_once(title: str) -> None:
    files = [step.partition("`")[2].partition("`")[0] for step in walk(title)]
    assert 0 < len(files) <= LONGEST[title]
    assert len(set(files)) == len(files)


@pytest.mark.parametrize("title", LONGEST)
def test_each_step_of_a_walk_is_in_its_file(title: str) -> None:
    for step in walk(title):
        file, *names = re.findall(r"`([^`]+)`", step)
        text = (ROOT / file).read_text("utf-8")
        for name in names:
            assert name.rpartition(".")[2] in text, f"{name} is not in {file}"
