"""All mails in all languages as files, with a page to open them from in a browser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from jinja2 import Environment

from activities.mail.letters import Letter
from cpor import languages
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


def write(shown: Sequence[Page], folder: Path) -> Path:
    """Write text and HTML of each mail, and return the page that links to them."""
    for page in shown:
        place = folder / page.place
        place.parent.mkdir(parents=True, exist_ok=True)
        place.with_suffix(".txt").write_text(page.text, "utf-8", newline="\n")
        place.with_suffix(".html").write_text(page.letter.html, "utf-8", newline="\n")
    index = folder / "index.html"
    index.write_text(_index(shown), "utf-8", newline="\n")
    return index


def _one_of(known: Sequence[str], wanted: str | None, what: str) -> Sequence[str]:
    if wanted is None:
        return known
    if wanted not in known:
        raise NothingToShow(f"There is no {what} {wanted}. There are: {', '.join(known)}.")
    return [wanted]


def _index(shown: Sequence[Page]) -> str:
    template = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(
        INDEX.read_text("utf-8")
    )
    by_sample = groupby(shown, key=lambda page: page.sample.name)
    return template.render(samples=[list(pages) for _, pages in by_sample])
