"""The sheet in counts and codes, in a process of its own: strangers' texts may be long."""

from __future__ import annotations

import json
import os
import resource
import sys
from collections import Counter
from collections.abc import AsyncIterable, Iterator

from pydantic import BaseModel, ValidationError

from cpor.evidence import confinement
from cpor.evidence.kept import KeptReading
from cpor.evidence.sheet import ReadFile, Result, Sheet, write
from cpor.rules.grounds import RequestReason
from cpor.rules.proof_sheet import Claimed, Tally, Topic


class Tallied(BaseModel):
    lines: dict[Topic, Tally] = {}
    asks: list[RequestReason] = []


NOTHING = Tallied()
"""No sheet could be written."""


async def tally(claimed: Claimed, kept: AsyncIterable[bytes]) -> Tallied:
    """Of the readings as they are kept, each a line."""
    about = claimed.model_dump(mode="json")
    try:
        answer = await confinement.answer_of("cpor.evidence.tally", about, _lines(kept))
        return Tallied.model_validate_json(answer)
    except (TimeoutError, ValidationError):
        return NOTHING


async def _lines(kept: AsyncIterable[bytes]) -> AsyncIterable[bytes]:
    async for line in kept:
        yield line
        yield b"\n"


def tallied(sheet: Sheet) -> Tallied:
    counts: dict[Topic, Counter[Result]] = {}
    for line in sheet.lines:
        counts.setdefault(line.topic, Counter()).update([line.result])
    lines: dict[Topic, Tally] = {
        topic: Tally(found=of["found"], unclear=of["unclear"], missing=of["not found"])
        for topic, of in counts.items()
    }
    asks: dict[RequestReason, None] = {line.reason: None for line in sheet.gaps if line.reason}
    return Tallied(lines=lines, asks=list(asks))


def main() -> None:
    answer = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    confinement.limit(resource.RLIMIT_AS, confinement.MOST_MEMORY)
    confinement.limit(resource.RLIMIT_CPU, confinement.SECONDS)
    confinement.limit(resource.RLIMIT_NPROC, 0)
    os.nice(confinement.BESIDE_OTHERS)
    claimed = Claimed.model_validate(json.loads(sys.stdin.buffer.readline()))
    answer.write(tallied(write(claimed, list(_files()))).model_dump_json().encode())
    answer.flush()
    os._exit(0)


def _files() -> Iterator[ReadFile]:
    for line in sys.stdin.buffer:
        kept = KeptReading.model_validate_json(line)
        yield ReadFile(sha256="", name=kept.name, reading=kept.reading)


if __name__ == "__main__":
    main()
