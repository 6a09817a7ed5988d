"""All that is known of a claim in one zip, for a dispute or an auditor."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from zipfile import ZIP_DEFLATED, ZipFile

from typer import BadParameter

from cpor.cli.output import sheet_text, timeline
from cpor.cli.saved_proof import name_of
from cpor.client import records
from cpor.evidence import claims as proof_of_claims
from cpor.store import Store, StoreError

if TYPE_CHECKING:
    from cpor.client.client import ClaimsClient
    from cpor.rules.facts import EvidenceFile

SUMS = "SHA256SUMS"
README = """\
Claim {claim_id}, as it was known on {now}.

claim.json      what the claim says and where it stands
history.html    what happened, to be read and printed; history.json for programs
sheet.txt       what a program found in the proof files; sheet.json for programs
record.json     the record that the store keeps, once there is one
evidence/       the proof files; each name begins with the SHA-256 of the file
SHA256SUMS      the SHA-256 of everything else here

To check that nothing here was changed since: sha256sum --check SHA256SUMS
To check the record: every entry of its history has the hash of the one before, and `sha256` is the
hash of the whole. `uv run starter.py record {claim_id} --verify` does it with the store's own copy.

Mails are not kept as they were sent. The history says when which mail was accepted for whom.
{missing}"""


async def write(claims: ClaimsClient, claim_id: str, to: Path, now: str) -> Sequence[str]:
    """Write the zip, and return what of the proof is not in it."""
    if to.exists():
        raise BadParameter(f"{to} is there already and is not overwritten")
    known = await claims.claim(claim_id)
    history = await claims.history(claim_id, "reviewer")
    sheet = await proof_of_claims.sheet(claims.store, known)
    texts = {
        "claim.json": known.model_dump_json(indent=2),
        "history.json": json.dumps([each.model_dump(mode="json") for each in history], indent=2),
        "history.html": timeline.page(known, history, now),
        "sheet.json": sheet.model_dump_json(indent=2),
        "sheet.txt": sheet_text.sheet(sheet),
    }
    if record := await records.kept(claims.store, claim_id):
        texts["record.json"] = json.dumps(record, indent=2)
    return await _zipped(claims.store, claim_id, to, texts, known.evidence, now)


async def _zipped(
    store: Store,
    claim_id: str,
    to: Path,
    texts: dict[str, str],
    files: Sequence[EvidenceFile],
    now: str,
) -> Sequence[str]:
    sums: dict[str, str] = {}
    missing: list[str] = []
    partial = to.with_name(f".{to.name}.part")
    try:
        with partial.open("wb") as out, ZipFile(out, "w", ZIP_DEFLATED) as package:
            for file in files:
                place = f"evidence/{name_of(file)}"
                try:
                    with TemporaryDirectory() as folder:
                        fetched = Path(folder) / file.sha256
                        await store.save(claim_id, file.sha256, fetched)
                        package.write(fetched, place)
                    sums[place] = file.sha256
                except StoreError as error:
                    missing.append(f"{file.name}: {error}")
            unread = "".join(f"\nNot in here: {each}" for each in missing)
            texts["README.txt"] = README.format(claim_id=claim_id, now=now, missing=unread)
            for name, text in texts.items():
                package.writestr(name, text)
                sums[name] = hashlib.sha256(text.encode()).hexdigest()
            package.writestr(SUMS, "".join(f"{sums[name]}  {name}\n" for name in sorted(sums)))
        os.link(partial, to)
    except FileExistsError:
        raise BadParameter(f"{to} is there already and is not overwritten") from None
    except OSError as error:
        raise BadParameter(f"{to} cannot be written: {error.strerror}") from None
    finally:
        partial.unlink(missing_ok=True)
    return missing
