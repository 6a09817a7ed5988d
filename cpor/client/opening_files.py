"""Claims from files: the start input as JSON, with the proof files that lie beside it."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

from cpor.client.client import ClaimsClient
from cpor.client.errors import PortalError
from cpor.rules.claim import Claim
from cpor.rules.facts import FileReference
from cpor.store import refer


class OpeningUnreadable(PortalError):
    """The file is no claim: which file, and why."""


@dataclass(frozen=True)
class CheckedOpening:
    """A start input that the rules would take, and the proof files to be uploaded before it."""

    data: Mapping[str, Any]
    proof: Sequence[Path]

    async def start(self, claims: ClaimsClient) -> str:
        for file in self.proof:
            await claims.store.upload(self.data["claim_id"], file)
        return await claims.open(self.data)


@dataclass(frozen=True)
class OpeningFile:
    """The start input as it was written, and the folder its proof files are named from."""

    data: Mapping[str, Any]
    folder: Path

    def check(self) -> CheckedOpening:
        """Each `{"file": NAME}` named by its reference, and all of it held against the rules."""
        opening = self.referred()
        Claim.open(opening.data, datetime.now(UTC))
        return opening

    def referred(self) -> CheckedOpening:
        """The same, where the rules were asked before."""
        files = [file for file in map(self._file_named_by, self._evidence) if file]
        return CheckedOpening(self._with({file: refer(file) for file in files}), files)

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
        return self.folder / name


def read(file: Path) -> OpeningFile:
    """A claim from a file of JSON; `-` is standard input."""
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
