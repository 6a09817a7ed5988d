"""Proof files fetched into a folder of this machine, each under a name of its own."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from cpor.cli.console import print_error
from cpor.evidence.claims import reading_of
from cpor.evidence.confinement import Readers
from cpor.evidence.reading import quoted
from cpor.exits import BROKEN, DONE, REFUSED
from cpor.rules.facts import EvidenceFile
from cpor.rules.proof_files import VERDICT_OF
from cpor.store import FileRefused, Store, StoreError
from cpor.store.local_files import refer

MOST_BYTES = 255
"""Of a file's name, in nearly all file systems."""


async def save_all(
    store: Store, claim_id: str, files: Sequence[EvidenceFile], to: Path, anyway: bool = False
) -> int:
    """Fetch all that can be fetched, say what became of each, and return the exit code.

    A file that may do harm when it is opened is fetched `anyway` only.
    """
    code = DONE
    for file in files:
        place = to / name_of(file)
        if await asyncio.to_thread(_is_there, place, file):
            print_error(f"{place}: was there already, and its hash is right")
            continue
        try:
            if not anyway and (why := await _why_not(store, claim_id, file)):
                print_error(f"{place}: not fetched: it {why}; --anyway fetches it all the same")
                code = code or REFUSED
                continue
            await store.save(claim_id, file.sha256, place)
            print_error(f"{place}: fetched, and its hash is right")
        except StoreError as error:
            print_error(f"{place}: not fetched: {error}")
            code = BROKEN
    return code


def name_of(file: EvidenceFile) -> str:
    """The whole hash, so that no two files meet, and as much of the name as there is room for."""
    suffix = Path(file.name).suffix
    room = MOST_BYTES - len(f"{file.sha256}-{suffix}".encode())
    stem = file.name.removesuffix(suffix).encode()[:room].decode(errors="ignore")
    return f"{file.sha256}-{stem}{suffix}"


async def _why_not(store: Store, claim_id: str, file: EvidenceFile) -> str:
    """What makes the file one to be careful with; empty for any other."""
    async with Readers() as readers:
        reading = await reading_of(store, readers, claim_id, file)
    careful = [quoted(each.text) for each in reading.findings if VERDICT_OF[each.code] != "clean"]
    return ", ".join(careful)


def _is_there(place: Path, file: EvidenceFile) -> bool:
    with suppress(FileRefused):
        return not place.is_symlink() and refer(place).sha256 == file.sha256
    return False
