"""Proof files: checked by the store against what the claim says of them, and sealed."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import ClassVar, Literal

from pydantic import BaseModel

from cpor.rules.bookkeeping import cross_off, next_id, note, owe
from cpor.rules.debt import KEPT_AFTER_THE_END, Debt, Occurrence
from cpor.rules.doubts import Doubt
from cpor.rules.facts import EvidenceFile, FileReference, FileState
from cpor.rules.history import CLAIM_ITSELF
from cpor.rules.lifecycle import Status
from cpor.rules.state import State

TAKEN_BACK = "the approval is taken back: proof that it rests on is not there"


class FileToSeal(BaseModel):
    sha256: str
    size: int


class Seal(BaseModel):
    """What the activity is given."""

    claim_id: str
    files: list[FileToSeal]


class SealResult(BaseModel):
    states: Mapping[str, FileState]


class Files(BaseModel):
    files: list[str]


class SealDebt(Debt[SealResult]):
    activity = "seal_evidence"
    result_type: ClassVar[type[BaseModel]] = SealResult

    kind: Literal["seal"] = "seal"
    facts: Files

    @property
    def label(self) -> str:
        return "proof files: check and seal"

    def payment(self, claim: State, run: str) -> Seal:
        files = [file for file in claim.evidence if file.sha256 in self.facts.files]
        return Seal(
            claim_id=claim.claim_id,
            files=[FileToSeal(sha256=file.sha256, size=file.size) for file in files],
        )

    def paid(self, claim: State, result: SealResult, now: datetime) -> Occurrence | None:
        cross_off(claim, self)
        found = [
            file
            for file in claim.evidence
            if file.sha256 in result.states and file.state != "withdrawn"
        ]
        for file in found:
            file.state = result.states[file.sha256]
        unusable = [file for file in found if not file.is_there]
        if not unusable:
            look_again(claim)
            return None
        listed = ", ".join(f"{file.name} is {file.state}" for file in unusable)
        note(claim, "evidence_problem", listed, CLAIM_ITSELF, now)
        names = [{"name": file.name, "state": file.state} for file in unusable]
        taken_back = TAKEN_BACK if claim.proof_unchecked else ""
        if not claim.proof_unchecked and not claim.has_proof:
            _doubt(claim, listed, now)
        facts = {"files": names, "taken_back": bool(taken_back)}
        return Occurrence("file unusable", "store", facts, taken_back)

    def given_up_at(self, claim: State) -> datetime | None:
        return self.parked_at and self.parked_at + KEPT_AFTER_THE_END


def look_again(claim: State) -> None:
    """Whether an approval has still to wait for a file to be checked."""
    waits = any(file.state == "received" for file in claim.evidence)
    claim.proof_unchecked = claim.proof_unchecked and waits


def _doubt(claim: State, said: str, now: datetime) -> None:
    """Nothing is left of what a reviewer has approved."""
    if claim.status is Status.APPROVED:
        claim.doubts.append(Doubt(kind="proof", at=now, note=said))


def add_files(claim: State, files: list[FileReference], now: datetime) -> bool:
    """Whether any was new. A file sent again after it was missing, changed or withdrawn is."""
    places = {file.sha256: place for place, file in enumerate(claim.evidence)}
    known = {file.sha256 for file in claim.evidence if file.is_there}
    fresh = [
        EvidenceFile(**each.model_dump(), added_at=now)
        for each in files
        if each.sha256 not in known
    ]
    for file in fresh:
        if file.sha256 in places:
            claim.evidence[places[file.sha256]] = file
        else:
            claim.evidence.append(file)
    if fresh:
        claim.proof_at = now
    _owe_seal(claim, now)
    return bool(fresh)


def _owe_seal(claim: State, now: datetime) -> None:
    under_way = {
        sha256 for debt in claim.debts if isinstance(debt, SealDebt) for sha256 in debt.facts.files
    }
    waiting = [file.sha256 for file in claim.evidence if file.state == "received"]
    if fresh := [sha256 for sha256 in waiting if sha256 not in under_way]:
        owe(claim, SealDebt(id=next_id(claim, "seal"), since=now, facts=Files(files=fresh)))
