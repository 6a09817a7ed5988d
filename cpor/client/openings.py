"""Openings: checked against the rules once, before they are sent; and read from files."""

from __future__ import annotations

import asyncio
import hashlib
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import rfc8785
from pydantic import TypeAdapter
from temporalio.common import TypedSearchAttributes

from cpor.client.errors import OpeningUnreadable
from cpor.client.transport import not_json
from cpor.contract import search_attributes
from cpor.rules import current_details
from cpor.rules.claim import Claim
from cpor.rules.facts import FileReference, Opening
from cpor.store.local_files import refer

_anything: TypeAdapter[Any] = TypeAdapter(Any)


@dataclass(frozen=True)
class CheckedOpening:
    """An opening that the rules accept, with all that is sent to start its claim."""

    claim_id: str
    content: Mapping[str, Any]
    digest: str
    summary: str
    details: str
    attributes: TypedSearchAttributes
    proof: Mapping[Path, FileReference] = field(default_factory=dict[Path, FileReference])
    """Local files to be uploaded before the claim is started."""


def check(
    opening: Opening | Mapping[str, Any], proof: Mapping[Path, FileReference] | None = None
) -> CheckedOpening:
    """Check an opening against the rules; raises `Refused` where they refuse it."""
    content = _as_json(opening)
    claim = Claim.open(content, datetime.now(UTC))
    return CheckedOpening(
        claim_id=claim.state.claim_id,
        content=content,
        digest=_digest(content),
        summary=current_details.summary(claim.state),
        details=current_details.claimed(claim.state),
        attributes=search_attributes.of(claim.state),
        proof=proof or {},
    )


@dataclass(frozen=True)
class OpeningFile:
    """An opening as it was written, and the folder of the proof files that it names."""

    data: Mapping[str, Any]
    folder: Path

    async def check(self) -> CheckedOpening:
        """Replace each `{"file": NAME}` by a reference to the file, and check the opening."""
        files = [file for file in map(self._file_named_by, self._evidence) if file]
        # Hashing a large file would block the event loop.
        references = {file: await asyncio.to_thread(refer, file) for file in files}
        return check(self._with(references), references)

    @property
    def _evidence(self) -> list[object]:
        found = self.data.get("evidence")
        return cast("list[object]", found) if isinstance(found, list) else []

    def _with(self, references: Mapping[Path, FileReference]) -> Mapping[str, Any]:
        if not references:
            return self.data
        return {
            **self.data,
            "evidence": [self._replaced(each, references) for each in self._evidence],
        }

    def _replaced(self, entry: object, references: Mapping[Path, FileReference]) -> object:
        file = self._file_named_by(entry)
        return references[file].model_dump() if file else entry

    def _file_named_by(self, entry: object) -> Path | None:
        if not isinstance(entry, dict):
            return None
        named = cast("dict[str, object]", entry)
        name = named.get("file")
        if len(named) != 1 or not isinstance(name, str):
            return None
        if Path(name).name != name:
            raise OpeningUnreadable(f"{name} must be the name of a file beside the claim's own")
        if self._leads_out(name):
            raise OpeningUnreadable(f"{name} is a link that leads out of the claim's folder")
        return self.folder / name

    def _leads_out(self, name: str) -> bool:
        """The writer of a claim must not get other files of its sender."""
        try:
            return not (self.folder / name).resolve().is_relative_to(self.folder.resolve())
        except (OSError, ValueError, RuntimeError):
            return False  # It is no file at all, which is said when it is read.


def read(file: Path) -> OpeningFile:
    """Read an opening from a JSON file; `-` is standard input."""
    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text("utf-8-sig")
        data: object = json.loads(text)
    except (OSError, UnicodeDecodeError) as error:
        raise OpeningUnreadable(f"{file} cannot be read: {_why(error)}") from None
    except (ValueError, RecursionError) as error:
        raise OpeningUnreadable(f"{file} is not JSON: {error}") from None
    if not isinstance(data, dict):
        raise OpeningUnreadable(f"{file} must hold one JSON object, the claim")
    return OpeningFile(cast("dict[str, Any]", data), file.parent)


def _why(error: OSError | UnicodeDecodeError) -> str:
    return (error.strerror or str(error)) if isinstance(error, OSError) else "it is not UTF-8"


def _as_json(opening: Opening | Mapping[str, Any]) -> dict[str, Any]:
    """The opening as JSON, whether it is a model, has models in it or has none."""
    try:
        return _anything.dump_python(opening, mode="json", exclude_unset=True)
    except ValueError as error:
        raise not_json(error) from None


def _digest(content: Mapping[str, Any]) -> str:
    try:
        return hashlib.sha256(rfc8785.dumps(dict(content))).hexdigest()
    except ValueError as error:
        raise not_json(error) from None
