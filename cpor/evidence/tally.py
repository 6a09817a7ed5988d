"""The sheet in counts and codes, in a process of its own: strangers' texts may be long."""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterable, Iterable
from datetime import date

from pydantic import BaseModel, ValidationError

from cpor.evidence import sheet
from cpor.evidence.confinement import SHEET, Readers
from cpor.evidence.kept import KeptReading
from cpor.evidence.reading import Passage, Reading
from cpor.evidence.sheet import ReadFile, Result, Sheet
from cpor.rules.facts import Product
from cpor.rules.grounds import RequestReason
from cpor.rules.proof_sheet import Claimed, Tally, Topic

SAMPLE = Claimed(
    partner="Fabrikam",
    mpn_id="4912345",
    customer="Contoso",
    domain="contoso.example",
    tenant_id="5f1c6d3e-8c0b-4f3c-9d2a-0b8f6f1f7a11",
    products=[Product(code="teams", name="Teams")],
    submitted=date(2026, 3, 9),
)
"""A small claim, and a text that is proof of it: to warm up with, and to measure with."""
SAMPLE_TEXT = "Fabrikam rolls out Microsoft Teams for Contoso. Signed 2 March 2026."


class Tallied(BaseModel):
    lines: dict[Topic, Tally] = {}
    asks: list[RequestReason] = []


NOTHING = Tallied()
"""No sheet could be written."""


async def tally(readers: Readers, claimed: Claimed, kept: AsyncIterable[bytes]) -> Tallied:
    """Of the readings as they are kept, each a line."""
    try:
        answer = await readers.answer_of(SHEET, claimed.model_dump(mode="json"), _lines(kept))
        return Tallied.model_validate_json(answer)
    except (TimeoutError, ValidationError):
        return NOTHING


async def _lines(kept: AsyncIterable[bytes]) -> AsyncIterable[bytes]:
    async for line in kept:
        yield line
        yield b"\n"


def tallied(whole: Sheet) -> Tallied:
    counts: dict[Topic, Counter[Result]] = {}
    for line in whole.lines:
        counts.setdefault(line.topic, Counter()).update([line.result])
    lines: dict[Topic, Tally] = {
        topic: Tally(found=of["found"], unclear=of["unclear"], missing=of["not found"])
        for topic, of in counts.items()
    }
    asks: dict[RequestReason, None] = {line.reason: None for line in whole.gaps if line.reason}
    return Tallied(lines=lines, asks=list(asks))


def write(about: object, kept: Iterable[bytes]) -> bytes:
    """In a child: the answer about what was claimed, from the lines that are kept."""
    files = [_file(KeptReading.model_validate_json(line)) for line in kept]
    return tallied(sheet.write(Claimed.model_validate(about), files)).model_dump_json().encode()


def _file(kept: KeptReading) -> ReadFile:
    return ReadFile(sha256="", name=kept.name, reading=kept.reading)


def warm_up() -> None:
    """Writes one sheet, as word lists, catalogue and names of months are read with the first."""
    reading = Reading(type="txt", passages=[Passage(place="line 1", text=SAMPLE_TEXT)])
    sheet.write(SAMPLE, [ReadFile(sha256="", name="a.txt", reading=reading)])
