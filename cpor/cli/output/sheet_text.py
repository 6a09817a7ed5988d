"""The sheet about a claim's proof, as text for people."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from shlex import quote
from textwrap import wrap
from typing import TYPE_CHECKING

from cpor.cli.output.words import counted

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


def draft(kind: str, claim_id: str, shown: Sheet) -> str:
    """A command that asks for what is missing, or rejects for it; to be edited, then sent."""
    asks = [ask for line in shown.gaps if (ask := _ask(kind, line))]
    if not asks:
        gaps = counted(len(shown.gaps), "gap")
        why = f"{gaps} without a reason code" if shown.gaps else "all was found"
        return f"Nothing to ask for in the proof of {claim_id}: {why}."
    command = {
        "request": f"uv run starter.py request-info {claim_id}",
        "rejection": f"uv run starter.py reject {claim_id}",
    }[kind]
    return " \\\n  ".join([command, *dict.fromkeys(asks)])


REJECTED_FOR = {"missing_customer_acknowledgement": "missing_customer_consent"}
"""Where a rejection has a code of its own; for all else the proof is insufficient."""


def _ask(kind: str, line: Line) -> str:
    if line.reason is None:
        return ""
    product = f":{line.product}" if line.product else ""
    subscription = f"@{line.subscription_id}" if line.subscription_id else ""
    option, reason = "--ask", line.reason
    if kind == "rejection":
        insufficient = line.reason if line.product else "insufficient_poe"
        option, reason = "--because", REJECTED_FOR.get(line.reason, insufficient)
    return f"{option} {quote(f'{reason}{product}{subscription}={_in_words(line)}')}"


def _in_words(line: Line) -> str:
    """For the partner: what was looked for, and what came of it."""
    found = "was not found" if line.result == "not found" else "is not clear"
    note = f" ({line.note})" if line.note else ""
    return f"{line.about} {found} in the proof{note}."


def _lines(shown: Sheet, width: int) -> Iterator[str]:
    last_look = f"{shown.last_look:%Y-%m-%d %H:%M} UTC" if shown.last_look else ""
    new = f"; new since {last_look}" if last_look else ""
    yield "Files"
    for file in shown.files:
        yield from _file(file, new if file.is_new else "")
    for title, lines in groupby(shown.lines, key=lambda line: TOPICS.get(line.topic, OTHERS)):
        yield ""
        yield title
        for line in lines:
            yield from _line(line, width, new if line.is_new else "")
        if title == TOPICS["product"]:
            yield from (f"  – {about}: dropped since {last_look}" for about in shown.dropped)
    if shown.dates:
        yield ""
        days = ", ".join(" or ".join(map(str, each.means)) for each in shown.dates[:8])
        yield from wrap(f"Dates in the proof, newest first: {days}", width)
    yield ""
    yield _count(shown)
    yield ADVICE


def _file(file: FileLine, new: str) -> Iterator[str]:
    yield f"  {file.name}  {file.type}, {file.verdict}{new}"
    for text in (*file.findings, *file.signatures):
        yield f"    {text}"


def _line(line: Line, width: int, new: str) -> Iterator[str]:
    note = f" ({line.note})" if line.note else ""
    asks = f"; a request would say {line.reason}" if line.reason else ""
    about = f"{NAMES.get(line.topic, '')}{line.about}"
    yield f"  {MARKS[line.result]} {about}: {line.result}{note}{asks}{new}"
    if line.quotes:
        words = line.quotes[0]
        yield from wrap(
            f"“{words.text}” ({words.file}, {words.place})",
            width,
            initial_indent="      ",
            subsequent_indent="      ",
        )


def _count(shown: Sheet) -> str:
    refused = sum(file.verdict == "refused" for file in shown.files)
    suspicious = sum(file.verdict == "suspicious" for file in shown.files)
    counts = [
        f"{len(shown.lines) - len(shown.gaps)} of {len(shown.lines)} found",
        *([counted(refused, "refused file")] if refused else []),
        *([counted(suspicious, "suspicious file")] if suspicious else []),
    ]
    return f"{', '.join(counts)}."
