"""The sheet about a claim's proof: what a reviewer looks for, and where it was found.

It advises and never decides. Whatever stands in a file is quoted as the file's words.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel

from cpor.evidence.dates import dates_in
from cpor.evidence.names import FOUND, Named, find_name, find_products, find_value
from cpor.evidence.reading import Passage, Reading, quoted
from cpor.evidence.words import WordList, pattern
from cpor.rules.grounds import RequestReason
from cpor.rules.proof_files import FileVerdict
from cpor.rules.proof_sheet import Claimed, Topic

MOST_QUOTE = 200
AROUND = 60
"""Characters shown before and after what was found."""
MOST_QUOTES = 3
MOST_DATES = 20

Result = Literal["found", "not found", "unclear"]


class ReadFile(BaseModel):
    """A proof file that was looked into."""

    sha256: str
    name: str
    reading: Reading


class Quote(BaseModel):
    """The file's own words, shortened."""

    file: str
    place: str
    text: str
    score: int = 100
    """How nearly it is what was looked for, to 100."""


class Line(BaseModel):
    """One thing that a reviewer looks for."""

    topic: Topic
    about: str
    result: Result
    note: str = ""
    quotes: list[Quote] = []
    reason: RequestReason | None = None
    """What the gap would be asked for with."""
    product: str | None = None
    subscription_id: str | None = None
    is_new: bool = False
    """Whether it was another at the reviewers' last look, or was not there."""


class FileLine(BaseModel):
    """One file: of which type it is, and whether it is safe to open."""

    sha256: str
    name: str
    type: str
    verdict: FileVerdict
    findings: list[str]
    signatures: list[str] = []
    is_new: bool = False
    """Whether it was added since the reviewers' last look."""


class ShownDate(BaseModel):
    """A date in the proof; with more than one meaning, each of them."""

    means: list[date]
    quote: Quote


class Sheet(BaseModel):
    """What was found in all of a claim's proof files."""

    files: list[FileLine]
    lines: list[Line]
    dates: list[ShownDate] = []
    """The newest first."""
    newest: date | None = None
    dropped: list[str] = []
    """Products that were claimed at the reviewers' last look, and are not any more."""
    last_look: datetime | None = None
    """When a reviewer last said something; null where all of it is new to them."""

    @property
    def gaps(self) -> list[Line]:
        return [line for line in self.lines if line.result != "found"]

    @property
    def is_complete(self) -> bool:
        """Whether all was found, in files that are safe to open."""
        return not self.gaps and all(file.verdict == "clean" for file in self.files)


def write(claimed: Claimed, files: Sequence[ReadFile]) -> Sheet:
    texts = [
        _Text(file.name, passage)
        for file in files
        if file.reading.verdict != "refused"
        for passage in file.reading.passages
    ]
    unread = any(_is_partly_unread(file.reading) for file in files)
    dates = sorted(_dates(texts), key=lambda each: max(each.means), reverse=True)
    past = [each for shown in dates for each in shown.means if each <= claimed.submitted]
    lines = [
        *_product_lines(claimed, texts),
        _name_line("partner", claimed.partner, texts, "missing_partner_service"),
        _value_line("mpn_id", claimed.mpn_id, texts),
        _name_line("customer", claimed.customer, texts, "missing_customer_acknowledgement"),
        _value_line("domain", claimed.domain, texts),
        _value_line("tenant_id", claimed.tenant_id, texts),
        _date_line(claimed.submitted, dates),
        _acknowledgement_line(texts, files),
        _word_line("services", "the partner's work", "services", texts, "missing_partner_service"),
    ]
    if unread:
        lines = [_perhaps_in_what_is_unread(line) for line in lines]
    return Sheet(
        files=[_file_line(file) for file in files],
        lines=lines,
        dates=dates[:MOST_DATES],
        newest=max(past, default=None),
    )


class _Text:
    """A passage on one line, so that a name may go over the end of a line."""

    def __init__(self, file: str, passage: Passage) -> None:
        self.file = file
        self.place = passage.place
        self.text = " ".join(passage.text.split())

    def quote(self, named: Named) -> Quote:
        room = min(AROUND, max(MOST_QUOTE - (named.end - named.start) - 2, 0) // 2)
        start, end = max(0, named.start - room), min(len(self.text), named.end + room)
        before, after = "…" if start else "", "…" if end < len(self.text) else ""
        shown = "".join(char if char.isprintable() else "?" for char in self.text[start:end])
        cut = shown[: MOST_QUOTE - 2]
        return Quote(
            file=self.file, place=self.place, text=f"{before}{cut}{after}", score=named.score
        )


def _line(topic: Topic, about: str, quotes: list[Quote], reason: RequestReason | None) -> Line:
    best = sorted(quotes, key=lambda quote: -quote.score)[:MOST_QUOTES]
    if not best:
        return Line(topic=topic, about=about, result="not found", reason=reason)
    if best[0].score < FOUND:
        note = f"written otherwise, or an ordinary word; score {best[0].score}"
        return Line(
            topic=topic, about=about, result="unclear", note=note, quotes=best, reason=reason
        )
    note = f"score {best[0].score}" if best[0].score < 100 else ""
    return Line(topic=topic, about=about, result="found", note=note, quotes=best)


def _product_lines(claimed: Claimed, texts: list[_Text]) -> Iterator[Line]:
    found = [(text, find_products(text.text)) for text in texts]
    for product in claimed.products:
        quotes = [text.quote(named[product.code]) for text, named in found if product.code in named]
        line = _line("product", product.name, quotes, "missing_products")
        yield line.model_copy(update={"product": product.name})
        if product.subscription_id is not None:
            about = f"{product.name}, subscription {product.subscription_id}"
            line = _value_line("subscription", product.subscription_id, texts)
            yield line.model_copy(
                update={
                    "about": about,
                    "product": product.name,
                    "subscription_id": product.subscription_id,
                    "reason": None if line.result == "found" else "missing_products",
                }
            )


def _name_line(topic: Topic, name: str, texts: list[_Text], reason: RequestReason) -> Line:
    quotes = [text.quote(named) for text in texts if (named := find_name(name, text.text))]
    return _line(topic, name, quotes, reason)


def _value_line(topic: Topic, value: str, texts: list[_Text]) -> Line:
    quotes = [text.quote(named) for text in texts if (named := find_value(value, text.text))]
    return _line(topic, value, quotes, None)


def _word_line(
    topic: Topic, about: str, of: WordList, texts: list[_Text], reason: RequestReason
) -> Line:
    return _line(topic, about, list(_word_quotes(of, texts)), reason)


def _word_quotes(of: WordList, texts: list[_Text]) -> Iterator[Quote]:
    for text in texts:
        if found := pattern(of).search(text.text):
            yield text.quote(Named(found.start(), found.end(), 100))


def _acknowledgement_line(texts: list[_Text], files: Sequence[ReadFile]) -> Line:
    """By words that acknowledge, words that sign, or a signature in a PDF."""
    said = list(_word_quotes("acknowledgement", texts))
    signed = list(_word_quotes("signature", texts))
    has_signature = any(
        signature.is_whole for file in files for signature in file.reading.signatures
    )
    line = _line(
        "acknowledgement",
        "the customer's acknowledgement",
        [*said[:1], *signed[:1], *said[1:], *signed[1:]],
        "missing_customer_acknowledgement",
    )
    if line.result == "found" and not (said and (signed or has_signature)):
        lacks = "a word that signs" if said else "a word that acknowledges"
        update = {
            "result": "unclear",
            "note": f"{lacks} was not found",
            "reason": "missing_customer_acknowledgement",
        }
        return line.model_copy(update=update)
    return line


def _dates(texts: list[_Text]) -> Iterator[ShownDate]:
    for text in texts:
        for found in dates_in(text.text):
            named = Named(found.at, found.at + len(found.text), 100)
            yield ShownDate(means=list(found.means), quote=text.quote(named))


def _date_line(submitted: date, dates: list[ShownDate]) -> Line:
    about = f"a date within 12 months before {submitted.isoformat()}"
    first = _a_year_before(submitted)
    fits = [each for each in dates if all(first <= day <= submitted for day in each.means)]
    perhaps = [each for each in dates if any(first <= day <= submitted for day in each.means)]
    line = Line(topic="dates", about=about, result="not found", reason="missing_or_old_dates")
    if fits:
        return Line(
            topic="dates",
            about=about,
            result="found",
            quotes=[fits[0].quote],
            note=f"newest {max(fits[0].means).isoformat()}",
        )
    if perhaps:
        note = " or ".join(day.isoformat() for day in perhaps[0].means)
        return line.model_copy(
            update={"result": "unclear", "note": note, "quotes": [perhaps[0].quote]}
        )
    past = [each for each in dates if max(each.means) <= submitted]
    if past:
        note = f"the newest is {max(past[0].means).isoformat()}"
        return line.model_copy(update={"note": note, "quotes": [past[0].quote]})
    return line


def _a_year_before(day: date) -> date:
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return day.replace(year=day.year - 1, day=28)


def _is_partly_unread(reading: Reading) -> bool:
    return any(finding.code in ("scan", "unreadable", "cut_short") for finding in reading.findings)


def _perhaps_in_what_is_unread(line: Line) -> Line:
    if line.result != "not found":
        return line
    note = "; ".join(filter(None, (line.note, "part of the proof could not be read by a program")))
    return line.model_copy(update={"result": "unclear", "note": note})


def _file_line(file: ReadFile) -> FileLine:
    return FileLine(
        sha256=file.sha256,
        name=file.name,
        type=file.reading.type,
        verdict=file.reading.verdict,
        findings=[quoted(each.text) for each in file.reading.findings],
        signatures=[
            f"signed by {each.by}{f' on {each.at.date().isoformat()}' if each.at else ''}, "
            f"{'unchanged since' if each.is_whole else 'and changed since, or not whole'}"
            for each in file.reading.signatures
        ],
    )
