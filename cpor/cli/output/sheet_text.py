"""The sheet about a claim's proof, as text for people."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from textwrap import wrap
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from cpor.evidence.sheet import FileLine, Line, Sheet

MARKS = {"found": "✓", "not found": "✗", "unclear": "?"}
TOPICS = {
    "product": "Products",
    "subscription": "Products",
    "partner": "Who and for whom",
    "mpn_id": "Who and for whom",
    "customer": "Who and for whom",
    "domain": "Who and for whom",
    "tenant_id": "Who and for whom",
}
NAMES = {"mpn_id": "MPN ID ", "domain": "domain ", "tenant_id": "tenant "}
OTHERS = "What else reviewers look for"
ADVICE = "This is advice by a program. A reviewer reads the proof and decides."


def sheet(shown: Sheet, width: int = 100) -> str:
    return "\n".join(_lines(shown, width))


def _lines(shown: Sheet, width: int) -> Iterator[str]:
    yield "Files"
    for file in shown.files:
        yield from _file(file)
    for title, lines in groupby(shown.lines, key=lambda line: TOPICS.get(line.topic, OTHERS)):
        yield ""
        yield title
        for line in lines:
            yield from _line(line, width)
    if shown.dates:
        yield ""
        days = ", ".join(" or ".join(map(str, each.means)) for each in shown.dates[:8])
        yield from wrap(f"Dates in the proof, newest first: {days}", width)
    yield ""
    yield _count(shown)
    yield ADVICE


def _file(file: FileLine) -> Iterator[str]:
    yield f"  {file.name}  {file.type}, {file.verdict}"
    for text in (*file.findings, *file.signatures):
        yield f"    {text}"


def _line(line: Line, width: int) -> Iterator[str]:
    note = f" ({line.note})" if line.note else ""
    asks = f"; a request would say {line.reason}" if line.reason else ""
    about = f"{NAMES.get(line.topic, '')}{line.about}"
    yield f"  {MARKS[line.result]} {about}: {line.result}{note}{asks}"
    if line.quotes:
        quote = line.quotes[0]
        yield from wrap(
            f"“{quote.text}” ({quote.file}, {quote.place})",
            width,
            initial_indent="      ",
            subsequent_indent="      ",
        )


def _count(shown: Sheet) -> str:
    refused = sum(file.verdict == "refused" for file in shown.files)
    suspicious = sum(file.verdict == "suspicious" for file in shown.files)
    counts = [
        f"{len(shown.lines) - len(shown.gaps)} of {len(shown.lines)} found",
        *([f"{refused} refused file{'s' * (refused > 1)}"] if refused else []),
        *([f"{suspicious} suspicious file{'s' * (suspicious > 1)}"] if suspicious else []),
    ]
    return f"{', '.join(counts)}."
