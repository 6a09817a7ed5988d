"""The store of proof files and records: a folder, or a bucket by URL.

    incoming/<claim id>/<sha256>    uploaded, not yet checked
    evidence/<claim id>/<sha256>    checked and sealed, and beside it what was found in it
    records/, partners/             what is known of claims; see records.py

Files are streamed and hashed in pieces: none is held in memory as a whole.
"""

from __future__ import annotations

import asyncio
import hashlib
import os
import tempfile
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, cast
from uuid import uuid4

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, ObjectStore, from_url
from pydantic import ValidationError

from cpor.rules.errors import problems
from cpor.rules.facts import FileReference, FileState
from cpor.store.errors import FileChanged, FileMissing, FileRefused, StoreUnreachable, StoreUnusable
from cpor.store.errors import RecordTaken as RecordTaken
from cpor.store.errors import StoreError as StoreError
from cpor.store.errors import StoreForbidden as StoreForbidden
from cpor.store.errors import StoreFull as StoreFull
from cpor.store.local_files import PIECE, pieces_of, refer, regular_file
from cpor.store.records import Records, claim_ids
from cpor.store.records import Traces as Traces
from cpor.store.records import is_claim_id as is_claim_id
from cpor.store.translation import first_line, translated


class Store(Records):
    """Proof files, and the records of claims."""

    @classmethod
    def open(cls, url: str) -> Store:
        """The store at a URL. A plain path is a folder, which is created if need be."""
        try:
            return cls(_open(url), url)
        except (BaseError, OSError, ValueError) as error:
            raise StoreUnusable(f"The store {url} cannot be opened: {first_line(error)}.") from None

    async def upload(
        self, claim_id: str, file: Path, reference: FileReference | None = None
    ) -> FileReference:
        """Put a local file where the claim will look for it, and say how to name it.

        Pass what `refer` returned to have the file read once; `FileRefused` if it changed since.
        """
        place = _place_for(claim_id)
        reference = reference or await asyncio.to_thread(refer, file)
        with self._translated():
            try:
                await self._put(
                    f"{place}{reference.sha256}",
                    _checked(pieces_of(file), reference.sha256, reference.size),
                )
            except FileChanged:
                raise FileRefused(f"{file} was changed after it was checked.") from None
        return reference

    async def seal(self, claim_id: str, sha256: str, size: int) -> FileState:
        """Move an uploaded file to the claim's sealed ones, if it has the hash and size named.

        Only what was uploaded for this very claim: to know the hash of another's file gives none
        of it. The bytes are copied here and not by the store: so exactly what was checked is
        sealed, and a folder would copy by a hard link, which would change with the uploaded file.
        """
        upload, sealed = _incoming(claim_id, sha256), _sealed(claim_id, sha256)
        with self._translated():
            state = await self._state(sealed, sha256, size)
            if state != "sealed":
                try:
                    pieces = self._uploaded(claim_id, sha256, size)
                    await self._put(sealed, _checked(pieces, sha256, size))
                except FileMissing:
                    return state
                except FileChanged:
                    return "changed"
            with suppress(FileNotFoundError):
                await obstore.delete_async(self._objects, upload)
        return "sealed"

    async def uploaded_before(self, instant: datetime) -> AsyncIterator[tuple[str, str]]:
        """Claim and name of each upload that still lies there, unsealed, since before then."""
        with self._translated():
            async for objects in obstore.list(self._objects, "incoming/"):
                for found in objects:
                    claim_id, _, name = found["path"].removeprefix("incoming/").partition("/")
                    if found["last_modified"] < instant:
                        yield claim_id, name

    async def forget_upload(self, claim_id: str, name: str, before: datetime) -> bool:
        """Whether it has gone: one that was uploaded anew since it was listed stays."""
        upload = _incoming(claim_id, name)
        with self._translated(), suppress(FileNotFoundError):
            if (await obstore.head_async(self._objects, upload))["last_modified"] >= before:
                return False
            await obstore.delete_async(self._objects, upload)
        return True

    async def read(self, claim_id: str, sha256: str) -> AsyncIterator[bytes]:
        """The file in pieces, sealed or just uploaded.

        Raises `FileChanged` after the last piece where the hash is wrong.
        """
        with self._translated():
            for found in (
                self._pieces(_sealed(claim_id, sha256)),
                self._uploaded(claim_id, sha256),
            ):
                with suppress(FileMissing):
                    async for piece in _checked(found, sha256):
                        yield piece
                    return
        raise FileMissing(f"No file {sha256} is in the store for claim {claim_id}.")

    async def copy(self, claim_id: str, sha256: str, to_claim: str) -> None:
        """Copy a claim's file to the uploads of another claim."""
        place = _place_for(to_claim)
        with self._translated():
            await self._put(f"{place}{sha256}", self.read(claim_id, sha256))

    async def save(self, claim_id: str, sha256: str, to: Path) -> None:
        """Download the file to a new local path, which is written only if the hash is right.

        Raises `FileRefused` where something is there already.
        """
        with translated(f"The folder {to.parent}"):
            handle, partial = tempfile.mkstemp(dir=to.parent, prefix=".")
            try:
                with os.fdopen(handle, "wb") as out:
                    async for piece in self.read(claim_id, sha256):
                        await asyncio.to_thread(out.write, piece)
                # A link, unlike a rename, takes no other file's place.
                await asyncio.to_thread(os.link, partial, to)
            except FileExistsError:
                raise FileRefused(f"{to} is there already and is not overwritten.") from None
            finally:
                await asyncio.to_thread(os.unlink, partial)

    async def write(self, name: str, content: bytes) -> None:
        """Write a small file atomically."""
        with self._translated():
            await obstore.put_async(self._objects, name, content)

    async def read_beside(self, claim_id: str, sha256: str, name: str) -> bytes | None:
        """A small file that is kept beside a sealed one."""
        return await self._text(f"{_sealed(claim_id, sha256)}.{name}")

    async def write_beside(self, claim_id: str, sha256: str, name: str, content: bytes) -> None:
        await self.write(f"{_sealed(claim_id, sha256)}.{name}", content)

    async def try_out(self) -> None:
        """Write, read and delete a probe file."""
        name, content = f"probe/{uuid4()}", b"Written to try the store out; may be deleted."
        with self._translated():
            await obstore.put_async(self._objects, name, content)
            found = await obstore.get_async(self._objects, name)
            kept = bytes(await found.bytes_async())
            await obstore.delete_async(self._objects, name)
        if kept != content:
            raise StoreUnreachable(f"The store {self._name} gives back other bytes than it took.")

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

    async def _uploaded(
        self, claim_id: str, sha256: str, size: int | None = None
    ) -> AsyncIterator[bytes]:
        """What clients put there. A folder may hold more than files: pipes, links to elsewhere."""
        place = _incoming(claim_id, sha256)
        if not isinstance(self._objects, LocalStore):
            pieces = self._pieces(place, size)
        else:
            assert self._objects.prefix is not None
            pieces = regular_file(self._objects.prefix, place.split("/"), size)
        async for piece in pieces:
            yield piece

    async def _put(self, path: str, pieces: AsyncIterator[bytes]) -> None:
        await obstore.put_async(self._objects, path, pieces, max_concurrency=2)


def _open(url: str) -> ObjectStore:
    scheme, mark, _ = url.partition("://")
    if not mark:
        folder = Path(url).expanduser().absolute()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return LocalStore(folder)
    if scheme == "file":
        return from_url(url, mkdir=True)
    if scheme == "memory":
        return from_url(url)
    # An activity is tried again by the engine, so the library retries for seconds only.
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


def _place_for(claim_id: str) -> str:
    """The folder of a claim's uploads. The id is checked, because it becomes part of a path."""
    try:
        return _incoming(claim_ids.validate_python(claim_id), "")
    except ValidationError as error:
        raise FileRefused(f"{claim_id!r} is no claim id: {problems(error)[0].text}.") from None


def _incoming(claim_id: str, sha256: str) -> str:
    return f"incoming/{claim_id}/{sha256}"


def _sealed(claim_id: str, sha256: str) -> str:
    return f"evidence/{claim_id}/{sha256}"


async def _checked(
    pieces: AsyncIterator[bytes], sha256: str, size: int | None = None
) -> AsyncIterator[bytes]:
    """The same pieces, and `FileChanged` after the last one where hash or size are wrong.

    An upload that is cut off by the error leaves nothing behind.
    """
    digest, seen = hashlib.sha256(), 0
    async for piece in pieces:
        digest.update(piece)
        seen += len(piece)
        yield piece
    if digest.hexdigest() != sha256 or size not in (None, seen):
        raise FileChanged(f"The content of file {sha256} has changed.")
