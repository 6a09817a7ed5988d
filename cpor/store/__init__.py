"""The store of proof files and records: a folder, or a bucket by URL.

    incoming/<claim id>/<sha256>    uploaded, not yet looked at
    evidence/<sha256>               checked and sealed
    records/<claim id>/record.json  what is left of a claim that is over
    partners/<mpn id>/<claim id>    empty: whose records there are

Files pass through in pieces and are hashed on their way; none is ever held in memory whole.
"""

from __future__ import annotations

import asyncio
import errno
import hashlib
import json
import os
import re
import tempfile
from collections.abc import AsyncIterator, Generator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import obstore
from obstore.exceptions import (
    AlreadyExistsError,
    BaseError,
    PermissionDeniedError,
    UnauthenticatedError,
)
from obstore.store import LocalStore, ObjectStore, from_url
from pydantic import TypeAdapter, ValidationError

from cpor.rules.facts import ClaimId, FileReference, FileState, problems
from cpor.store.errors import (
    FileChanged,
    FileMissing,
    FileRefused,
    RecordTaken,
    StoreError,
    StoreForbidden,
    StoreFull,
    StoreUnreachable,
    StoreUnusable,
)
from cpor.store.local_files import PIECE, pieces_of, refer

_claim_id: TypeAdapter[str] = TypeAdapter(ClaimId)


class Store:
    def __init__(self, objects: ObjectStore, name: str) -> None:
        self._objects = objects
        self._name = name

    @classmethod
    def open(cls, url: str) -> Store:
        """The store at a URL; a plain path is a folder, made when it is not there."""
        try:
            return cls(_open(url), url)
        except (BaseError, OSError, ValueError) as error:
            raise StoreUnusable(
                f"The store {url} cannot be opened: {_first_line(error)}."
            ) from None

    async def upload(
        self, claim_id: str, file: Path, reference: FileReference | None = None
    ) -> FileReference:
        """Put a local file where the claim will look for it, and say how to name it.

        Pass what `refer` returned to have the file read once; `FileRefused` if it changed since.
        """
        place = _place_for(claim_id)
        reference = reference or await asyncio.to_thread(refer, file)
        with self._plainly():
            try:
                await self._put(
                    f"{place}{reference.sha256}",
                    _checked(pieces_of(file), reference.sha256, reference.size),
                )
            except FileChanged:
                raise FileRefused(f"{file} was changed after it was checked.") from None
        return reference

    async def seal(self, claim_id: str, sha256: str, size: int) -> FileState:
        """Copy a file to its sealed place, if it is what the claim says it is.

        Copied piece by piece and not by the store itself, for two reasons: what is sealed is
        just what was checked, and a folder would copy by a link, which follows later writing.
        """
        with self._plainly():
            sealed = await self._state(_sealed(sha256), sha256, size)
            if sealed == "sealed":
                return sealed
            try:
                pieces = self._pieces(_incoming(claim_id, sha256), size)
                await self._put(_sealed(sha256), _checked(pieces, sha256, size))
            except FileMissing:
                return sealed
            except FileChanged:
                return "changed"
        return "sealed"

    async def read(self, claim_id: str, sha256: str) -> AsyncIterator[bytes]:
        """The file in pieces, sealed or just come in.

        Only an iteration that comes to its end has been found right; else `FileChanged`.
        """
        with self._plainly():
            for path in (_sealed(sha256), _incoming(claim_id, sha256)):
                pieces = _checked(self._pieces(path), sha256)
                with suppress(FileMissing):
                    async for piece in pieces:
                        yield piece
                    return
        raise FileMissing(f"No file {sha256} is in the store for claim {claim_id}.")

    async def copy(self, claim_id: str, sha256: str, to_claim: str) -> None:
        """Put a claim's file where another claim will look for it."""
        place = _place_for(to_claim)
        with self._plainly():
            await self._put(f"{place}{sha256}", self.read(claim_id, sha256))

    async def save(self, claim_id: str, sha256: str, to: Path) -> None:
        """Write the file to a local place, whole and right or not at all."""
        with _plainly(f"The folder {to.parent}"):
            handle, partial = tempfile.mkstemp(dir=to.parent, prefix=".")
            try:
                with os.fdopen(handle, "wb") as out:
                    async for piece in self.read(claim_id, sha256):
                        await asyncio.to_thread(out.write, piece)
                await asyncio.to_thread(os.replace, partial, to)
            finally:
                with suppress(FileNotFoundError):
                    await asyncio.to_thread(os.unlink, partial)

    async def write_record(self, claim_id: str, record: Mapping[str, Any]) -> None:
        """Keep a claim's record; the same `run` may write it again, no other may."""
        path = _record(claim_id)
        text = json.dumps(record, ensure_ascii=False, indent=2).encode()
        with self._plainly():
            try:
                await obstore.put_async(self._objects, path, text, mode="create")
            except AlreadyExistsError:
                if await self._run_of(claim_id, path) != record["run"]:
                    raise RecordTaken(
                        f"Claim {claim_id} already has a record, left by another run."
                    ) from None
                await obstore.put_async(self._objects, path, text)
        await self.write(f"{_partner(record['partner']['mpn_id'])}{claim_id}", b"")

    async def recorded(self, mpn_id: str | None = None) -> AsyncIterator[str]:
        """The ids of all claims that have a record, or of one partner's; not what else is there."""
        prefix, rest = ("records/", "/record.json") if mpn_id is None else (_partner(mpn_id), "")
        with self._plainly():
            async for objects in obstore.list(self._objects, prefix):
                for found in objects:
                    path = found["path"].removeprefix(prefix)
                    claim_id = path.removesuffix(rest)
                    if path.endswith(rest) and is_claim_id(claim_id):
                        yield claim_id

    async def read_record(self, claim_id: str) -> dict[str, Any] | None:
        """The record as it was written; None where there is none."""
        with self._plainly():
            try:
                found = await obstore.get_async(self._objects, _record(claim_id))
                record: object = json.loads(bytes(await found.bytes_async()))
            except FileNotFoundError:
                return None
            except (ValueError, RecursionError):
                raise FileChanged(f"The record of claim {claim_id} is not readable JSON.") from None
        if not isinstance(record, dict):
            raise FileChanged(f"The record of claim {claim_id} is no JSON object.")
        return cast("dict[str, Any]", record)

    async def write(self, name: str, content: bytes) -> None:
        """A small file, whole or not at all, in place of any of that name."""
        with self._plainly():
            await obstore.put_async(self._objects, name, content)

    async def try_out(self) -> None:
        """Write, read and delete a file of no meaning; raises what keeps it from that."""
        name, content = f"probe/{uuid4()}", b"Written to try the store out; may be deleted."
        with self._plainly():
            await obstore.put_async(self._objects, name, content)
            found = await obstore.get_async(self._objects, name)
            kept = bytes(await found.bytes_async())
            await obstore.delete_async(self._objects, name)
        if kept != content:
            raise StoreUnreachable(f"The store {self._name} gives back other bytes than it took.")

    async def _run_of(self, claim_id: str, path: str) -> object:
        """A record that cannot be read any more may be another run's."""
        try:
            return (await self.read_record(claim_id) or {}).get("run")
        except FileChanged as damaged:
            raise FileChanged(f"{damaged} Move {path} out of the store, then say retry.") from None

    async def _state(self, path: str, sha256: str, size: int) -> FileState:
        try:
            async for _ in _checked(self._pieces(path, size), sha256, size):
                pass
        except FileMissing:
            return "missing"
        except FileChanged:
            return "changed"
        return "sealed"

    async def _pieces(self, path: str, size: int | None = None) -> AsyncIterator[bytes]:
        try:
            found = await obstore.get_async(self._objects, path)
        except FileNotFoundError:
            raise FileMissing(f"No file lies at {path}.") from None
        if size not in (None, found.meta["size"]):
            raise FileChanged(f"The file at {path} does not have {size} bytes.")
        async for piece in found.stream(min_chunk_size=PIECE):
            yield piece

    async def _put(self, path: str, pieces: AsyncIterator[bytes]) -> None:
        await obstore.put_async(self._objects, path, pieces, max_concurrency=2)

    def _plainly(self) -> AbstractContextManager[None]:
        return _plainly(f"The store {self._name}")


def _open(url: str) -> ObjectStore:
    scheme, mark, _ = url.partition("://")
    if not mark:
        return LocalStore(Path(url).expanduser().absolute(), mkdir=True)
    if scheme == "file":
        return from_url(url, mkdir=True)
    if scheme == "memory":
        return from_url(url)
    # An activity is tried again by the engine, so the store need not be asked for minutes.
    return cast("Any", from_url)(
        url,
        client_options={
            "connect_timeout": "10s",
            "timeout": "120s",
            # Options given here replace all that the library would find in the environment.
            "allow_http": os.environ.get("AWS_ALLOW_HTTP", "false"),
        },
        retry_config={"max_retries": 2, "retry_timeout": timedelta(seconds=30)},
    )


def is_claim_id(text: str) -> bool:
    with suppress(ValidationError):
        return bool(_claim_id.validate_python(text))
    return False


def _place_for(claim_id: str) -> str:
    """Of what comes in for a claim, if it can be one: the id becomes part of a path."""
    try:
        return _incoming(_claim_id.validate_python(claim_id), "")
    except ValidationError as error:
        raise FileRefused(f"{claim_id!r} is no claim id: {problems(error)[0].text}.") from None


def _incoming(claim_id: str, sha256: str) -> str:
    return f"incoming/{claim_id}/{sha256}"


def _sealed(sha256: str) -> str:
    return f"evidence/{sha256}"


def _partner(mpn_id: str) -> str:
    return f"partners/{mpn_id}/"


def _record(claim_id: str) -> str:
    return f"records/{claim_id}/record.json"


async def _checked(
    pieces: AsyncIterator[bytes], sha256: str, size: int | None = None
) -> AsyncIterator[bytes]:
    """Hand pieces on, and break off at the end where they were not the right ones.

    An upload that is broken off leaves nothing behind.
    """
    digest, seen = hashlib.sha256(), 0
    async for piece in pieces:
        digest.update(piece)
        seen += len(piece)
        yield piece
    if digest.hexdigest() != sha256 or size not in (None, seen):
        raise FileChanged(f"The content of file {sha256} has changed.")


@contextmanager
def _plainly(place: str) -> Generator[None]:
    """Whatever a store or the system says becomes one sentence of the family."""
    try:
        yield
    except (BaseError, OSError, ValueError) as error:
        raise _in_words(error, place) from None


def _in_words(error: Exception, place: str) -> StoreError:
    if isinstance(error, ValueError):
        return StoreUnusable(f"{place} cannot be asked for this: {_first_line(error)}.")
    code = _system_code(error)
    if code in (errno.ENOSPC, errno.EDQUOT):
        return StoreFull(f"{place} is full.")
    if isinstance(error, (PermissionError, PermissionDeniedError, UnauthenticatedError)) or (
        code in (errno.EACCES, errno.EPERM, errno.EROFS)
    ):
        return StoreForbidden(f"{place} does not permit this: {_reason(error)}.")
    return StoreUnreachable(f"{place} does not answer: {_reason(error)}.")


def _system_code(error: Exception) -> int | None:
    """The system's error number, which obstore only tells in words."""
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno
    found = re.search(r"\(os error (\d+)\)", str(error))
    return int(found[1]) if found else None


def _reason(error: Exception) -> str:
    code = _system_code(error)
    return os.strerror(code) if code is not None else _first_line(error)


def _first_line(error: Exception) -> str:
    return (str(error).splitlines() or [""])[0].removesuffix(".")
