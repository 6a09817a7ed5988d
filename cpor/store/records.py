"""What the store knows of a claim beside its files: its record, the customer's noes, events sent.

    records/<claim id>/record.json      the first version of the record
    records/<claim id>/record.2.json    the next one, and so on: none is ever written over
    records/<claim id>/no.<notice id>   a customer's no, as it came in by a link
    records/<claim id>/sent.<event id>  the digest of a hand-off or recall that was sent
    partners/<mpn id>/<claim id>        empty: an index of the records by partner

All of it is written once. So it still tells what happened when the engine's database was lost and
an older one took its place.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, cast

import obstore
from obstore.exceptions import AlreadyExistsError
from obstore.store import ObjectStore
from pydantic import TypeAdapter, ValidationError

from cpor.rules.facts import ClaimId
from cpor.store.errors import FileChanged, RecordTaken
from cpor.store.translation import translated

claim_ids: TypeAdapter[str] = TypeAdapter(ClaimId)
NO = "no."
_VERSION = re.compile(r"record(?:\.([1-9][0-9]*))?\.json", re.ASCII)


@dataclass(frozen=True)
class Traces:
    """The names of what lies there of one claim."""

    version: int = 0
    """The newest of the record; 0 where there is none."""
    noes: tuple[str, ...] = ()
    """The notices by whose links the customer said no."""
    sent: tuple[str, ...] = ()
    """The events."""

    @classmethod
    def of(cls, names: list[str]) -> Traces:
        found = (_VERSION.fullmatch(name) for name in names)
        return cls(
            version=max((int(each[1] or 1) for each in found if each), default=0),
            noes=tuple(_named(NO, names)),
            sent=tuple(_named("sent.", names)),
        )


class Records:
    def __init__(self, objects: ObjectStore, name: str) -> None:
        self._objects = objects
        self._name = name

    async def traces(self, claim_id: str) -> Traces:
        """What the store knows of a claim, by name."""
        return Traces.of([name async for name in self._names(f"records/{claim_id}/")])

    async def write_record(self, claim_id: str, record: Mapping[str, Any]) -> None:
        """Write the version of a claim's record that it says it is; `RecordTaken` if it exists."""
        version = record.get("version", 1)
        with self._translated():
            # First, so that no record is without its entry if this process ends in between.
            place = f"{_partner(record['partner']['mpn_id'])}{claim_id}"
            await obstore.put_async(self._objects, place, b"")
        if not await self._create(_record(claim_id, version), _json(record)):
            raise RecordTaken(f"Claim {claim_id} already has version {version} of its record.")

    async def read_record(self, claim_id: str, version: int | None = None) -> dict[str, Any] | None:
        """The record, in its newest version or in the one named; None where there is none."""
        wanted = (await self.traces(claim_id)).version if version is None else version
        if not wanted:
            return None
        text = await self._text(_record(claim_id, wanted))
        if text is None:
            return None
        try:
            record: object = json.loads(text)
        except (ValueError, RecursionError):
            raise FileChanged(f"The record of claim {claim_id} is not readable JSON.") from None
        if not isinstance(record, dict):
            raise FileChanged(f"The record of claim {claim_id} is no JSON object.")
        return cast("dict[str, Any]", record)

    async def recorded(self, mpn_id: str | None = None) -> AsyncIterator[str]:
        """The ids of the claims that have a record: all, or those of one partner."""
        prefix, rest = ("records/", "/record.json") if mpn_id is None else (_partner(mpn_id), "")
        async for name in self._names(prefix):
            claim_id = name.removesuffix(rest)
            if name.endswith(rest) and is_claim_id(claim_id):
                yield claim_id

    async def traced_since(self, instant: datetime | None = None) -> list[str]:
        """The claims of which the store learned something, since then or ever."""
        found: dict[str, None] = {}
        async for name in self._names("records/", instant):
            claim_id = name.partition("/")[0]
            if is_claim_id(claim_id):
                found[claim_id] = None
        return list(found)

    async def noes_since(self, instant: datetime) -> AsyncIterator[tuple[str, str]]:
        """Claim and notice of each no that was kept since then."""
        async for name in self._names("records/", instant):
            claim_id, _, kept = name.partition("/")
            if is_claim_id(claim_id) and kept.startswith(NO):
                yield claim_id, kept.removeprefix(NO)

    async def keep_no(self, claim_id: str, notice_id: str, no: Mapping[str, Any]) -> None:
        """Keep what the customer said; the first time it is said, it stands."""
        await self._create(_no(claim_id, notice_id), _json(no))

    async def read_no(self, claim_id: str, notice_id: str) -> dict[str, Any] | None:
        text = await self._text(_no(claim_id, notice_id))
        with suppress(ValueError, RecursionError):
            found: object = json.loads(text or "null")
            return cast("dict[str, Any]", found) if isinstance(found, dict) else None
        return None

    async def note_sent(self, claim_id: str, event_id: str, digest: str) -> bool:
        """An event is about to be sent; False where another content was sent under its id."""
        path = f"records/{claim_id}/sent.{event_id}"
        if await self._create(path, digest.encode()):
            return True
        return await self._text(path) == digest.encode()

    async def _names(self, prefix: str, since: datetime | None = None) -> AsyncIterator[str]:
        with self._translated():
            async for objects in obstore.list(self._objects, prefix):
                for found in objects:
                    if since is None or found["last_modified"] >= since:
                        yield found["path"].removeprefix(prefix)

    async def _create(self, path: str, content: bytes) -> bool:
        """Write what is not there yet; False where it is."""
        with self._translated():
            try:
                await obstore.put_async(self._objects, path, content, mode="create")
            except AlreadyExistsError:
                return False
        return True

    async def _text(self, path: str) -> bytes | None:
        with self._translated():
            try:
                found = await obstore.get_async(self._objects, path)
                return bytes(await found.bytes_async())
            except FileNotFoundError:
                return None

    def _translated(self) -> AbstractContextManager[None]:
        return translated(f"The store {self._name}")


def is_claim_id(text: str) -> bool:
    with suppress(ValidationError):
        return bool(claim_ids.validate_python(text))
    return False


def _named(beginning: str, names: list[str]) -> list[str]:
    return sorted(name.removeprefix(beginning) for name in names if name.startswith(beginning))


def _record(claim_id: str, version: int) -> str:
    return f"records/{claim_id}/record{f'.{version}' if version > 1 else ''}.json"


def _no(claim_id: str, notice_id: str) -> str:
    return f"records/{claim_id}/{NO}{notice_id}"


def _partner(mpn_id: str) -> str:
    return f"partners/{mpn_id}/"


def _json(data: Mapping[str, Any]) -> bytes:
    return json.dumps(data, ensure_ascii=False, indent=2).encode()
