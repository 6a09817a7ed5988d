"""Letters as tests read them."""

from __future__ import annotations

from datetime import UTC, datetime

from activities.mail import letters
from activities.mail.letters import Letter, Links
from cpor.languages import ENGLISH
from cpor.rules.effects.notice import Notice
from cpor.settings import Settings
from tests.activities.facts import CLAIM

END = datetime(2026, 11, 27, 9, 14, tzinfo=UTC)


def written(told: Notice, settings: Settings | None = None, language: str = ENGLISH) -> Letter:
    return letters.written_in(language, told, Links.of(settings or Settings(), CLAIM), END)


def text_of(told: Notice) -> str:
    return " ".join(written(told).text.split())
