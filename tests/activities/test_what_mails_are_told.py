"""Facts of a mail travel in the history: each is told what it says, and nothing else."""

from __future__ import annotations

from typing import get_args

import pytest
from jinja2 import Environment, nodes

from activities.mail.letters import NOTICES
from cpor.rules.effects.notice_facts import ONLY_TOLD_IN
from cpor.rules.lifecycle import Told

KINDS = sorted({file.stem for file in NOTICES.glob("en/*.j2")} & set(get_args(Told)))


def said_in(kind: str) -> set[str]:
    """What any language's template names."""
    return {
        name.name
        for file in NOTICES.glob(f"*/{kind}.j2")
        for name in Environment().parse(file.read_text("utf-8")).find_all(nodes.Name)
        if name.ctx == "load"
    }


@pytest.mark.parametrize("kind", KINDS)
def test_a_mail_is_told_just_the_facts_it_says(kind: str) -> None:
    told = {fact for fact, kinds in ONLY_TOLD_IN.items() if kind in kinds}
    assert told == said_in(kind) & set(ONLY_TOLD_IN)
