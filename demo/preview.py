"""All mails in all languages as files, with a page to open them from in a browser."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from jinja2 import Environment

from activities.mail.letters import Letter
from cpor import languages
from demo.notice_samples import SAMPLES, Sample


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
    template = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(INDEX)
    return template.render(samples=list(_by_sample(shown)))


def _by_sample(shown: Sequence[Page]) -> Iterator[tuple[Sample, list[Page]]]:
    for _, group in groupby(shown, key=lambda page: page.sample.name):
        found = list(group)
        yield found[0].sample, found


INDEX = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>Notices</title>
<style>
body { margin: 0 auto; max-width: 60em; padding: 24px 16px; font: 16px/1.5 sans-serif }
h2 { margin: 32px 0 4px; font-size: 18px }
h2 small { font-weight: normal }
table { border-collapse: collapse; width: 100% }
td { padding: 4px 16px 4px 0; vertical-align: top; border-top: 1px solid #8a8a8a55 }
td:first-child { width: 2em }
td:last-child { width: 5em; padding-right: 0; text-align: right }
</style>
</head>
<body>
<h1>Notices</h1>
<p>Each subject opens the mail as HTML. Facts and addresses are samples.</p>
{% for sample, pages in samples %}
<h2 id="{{ sample.name }}">{{ sample.name }}
<small>to {{ sample.recipient | replace("_", " ") }}</small></h2>
<table>
{% for page in pages %}
<tr>
<td>{{ page.language }}</td>
<td lang="{{ page.language }}"><a href="{{ page.place }}.html">{{ page.letter.subject }}</a></td>
<td><a href="{{ page.place }}.txt">as text</a></td>
</tr>
{% endfor %}
</table>
{% endfor %}
</body>
</html>
"""
