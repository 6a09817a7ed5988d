"""All mails and pages of customers in all languages as files, with an index to open them from."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape
from itertools import groupby
from pathlib import Path

from jinja2 import Environment

from activities.mail.letters import Letter
from cpor import languages
from cpor.page import translations
from demo import page_samples
from demo.notice_samples import SAMPLES, Sample

INDEX = Path(__file__).with_suffix(".html.j2")


class NothingToShow(Exception):
    """There is no such language or notice; the text names those there are."""


@dataclass(frozen=True)
class Page:
    """One sample in one language."""

    sample: Sample
    language: str
    letter: Letter

    @property
    def place(self) -> str:
        return f"{self.language}/{self.sample.name}"

    @property
    def text(self) -> str:
        return f"Subject: {self.letter.subject}\n\n{self.letter.text}"


def pages(language: str | None = None, notice: str | None = None) -> list[Page]:
    codes = _one_of(languages.known(), language, "language")
    kinds = _one_of(list(dict.fromkeys(each.kind for each in SAMPLES)), notice, "notice")
    return [
        Page(sample, code, sample.letter(code))
        for sample in SAMPLES
        for code in codes
        if sample.kind in kinds
    ]


@dataclass(frozen=True)
class CustomersPage:
    """The customer's page in one of its states, in one language."""

    state: str
    language: str
    html: str

    @property
    def place(self) -> str:
        return f"{self.language}/page-{self.state}"

    @property
    def title(self) -> str:
        found = re.search(r"<title>(.*?)</title>", self.html, re.DOTALL)
        return unescape(found[1]) if found else self.state


def customers_pages(language: str | None = None) -> list[CustomersPage]:
    """As files: the links to other languages lead to the files of these."""
    found = [
        CustomersPage(
            state, code, re.sub(r'"\?language=(\w+)"', rf'"../\1/page-{state}.html"', html)
        )
        for code in _one_of(languages.known(), language, "language")
        for state, html in page_samples.shown(translations.translation(code))
    ]
    return sorted(found, key=lambda page: [each.state for each in found].index(page.state))


def write(shown: Sequence[Page], pages: Sequence[CustomersPage], folder: Path) -> Path:
    """Write text and HTML of each mail, the customer's pages, and an index, which is returned."""
    for page in pages:
        place = folder / page.place
        place.parent.mkdir(parents=True, exist_ok=True)
        place.with_suffix(".html").write_text(page.html, "utf-8", newline="\n")
    for page in shown:
        place = folder / page.place
        place.parent.mkdir(parents=True, exist_ok=True)
        place.with_suffix(".txt").write_text(page.text, "utf-8", newline="\n")
        place.with_suffix(".html").write_text(page.letter.html, "utf-8", newline="\n")
    index = folder / "index.html"
    index.write_text(_index(shown, pages), "utf-8", newline="\n")
    return index


def _one_of(known: Sequence[str], wanted: str | None, what: str) -> Sequence[str]:
    if wanted is None:
        return known
    if wanted not in known:
        raise NothingToShow(f"There is no {what} {wanted}. There are: {', '.join(known)}.")
    return [wanted]


def _index(shown: Sequence[Page], pages: Sequence[CustomersPage]) -> str:
    template = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(
        INDEX.read_text("utf-8")
    )
    by_sample = groupby(shown, key=lambda page: page.sample.name)
    by_state = groupby(pages, key=lambda page: page.state)
    return template.render(
        samples=[list(mails) for _, mails in by_sample],
        states=[list(states) for _, states in by_state],
    )
