"""A look into the proof files: which are safe to open, and what the sheet about them says in short.

It runs beside everything else: nobody waits for it, and it decides nothing. Only a file that cannot
be read is no proof, and the partner hears of it at once. What it finds is about the claim as it
stood; where files or what is claimed change, it is owed anew.
"""

from __future__ import annotations

from datetime import datetime
from functools import lru_cache
from typing import ClassVar, Literal

from pydantic import BaseModel

from cpor.rules.bookkeeping import cross_off, next_id, note, owe
from cpor.rules.chain import hash_of
from cpor.rules.debt import Debt, Occurrence
from cpor.rules.facts import EvidenceFile
from cpor.rules.grounds import RequestReason
from cpor.rules.history import CLAIM_ITSELF
from cpor.rules.proof_files import VERDICT_OF, FileVerdict, FindingCode
from cpor.rules.proof_sheet import Claimed, SheetInShort, Tally, Topic
from cpor.rules.state import State

DIGEST = 16


class FileToRead(BaseModel):
    sha256: str
    name: str
    media_type: str


class Look(BaseModel):
    """What the activity is given."""

    claim_id: str
    files: list[FileToRead]
    claimed: Claimed


class FileFound(BaseModel):
    verdict: FileVerdict
    findings: list[FindingCode] = []


class LookResult(BaseModel):
    """Codes and counts: no word of a file comes into a claim's history."""

    files: dict[str, FileFound]
    lines: dict[Topic, Tally] = {}
    """Empty where no sheet could be written."""
    asks: list[RequestReason] = []


class About(BaseModel):
    files: list[str]
    digest: str
    """Of the files and of what is claimed."""


class LookDebt(Debt[LookResult]):
    activity = "look_into_proof"
    result_type: ClassVar[type[BaseModel]] = LookResult

    kind: Literal["look"] = "look"
    facts: About

    @property
    def label(self) -> str:
        return "proof files: look into them"

    def payment(self, claim: State, run: str) -> Look:
        submitted = claim.submitted_at or self.since
        files = [
            FileToRead(sha256=file.sha256, name=file.name, media_type=file.media_type)
            for file in claim.evidence
            if file.sha256 in self.facts.files
        ]
        return Look(
            claim_id=claim.claim_id,
            files=files,
            claimed=Claimed.of(claim.partner, claim.customer, claim.products, submitted.date()),
        )

    def paid(self, claim: State, result: LookResult, now: datetime) -> Occurrence | None:
        cross_off(claim, self)
        claim.looked_at = self.facts.digest
        claim.sheet = None
        if result.lines:
            claim.sheet = SheetInShort(at=now, lines=result.lines, asks=result.asks)
        looked_into = [file for file in _sealed(claim) if file.sha256 in result.files]
        refused_before = {file.sha256 for file in looked_into if file.verdict == "refused"}
        for file in looked_into:
            found = result.files[file.sha256]
            file.verdict, file.findings = found.verdict, found.findings
        refused = [
            file
            for file in looked_into
            if file.verdict == "refused" and file.sha256 not in refused_before
        ]
        if not refused:
            return None
        listed = ", ".join(f"{file.name} is refused ({_why(file)})" for file in refused)
        note(claim, "evidence_problem", listed, CLAIM_ITSELF, now)
        names = [{"name": file.name, "state": _why(file)} for file in refused]
        return Occurrence("file refused", "proof reader", {"files": names, "refused": True})


def settle(claim: State, now: datetime) -> None:
    """One look is owed about the claim as it stands, as long as something can happen to it."""
    under_way = [debt for debt in claim.debts if isinstance(debt, LookDebt)]
    about = _about(claim)
    if about is not None and any(debt.facts == about for debt in under_way):
        return
    cross_off(claim, *under_way)
    if about is not None and about.digest != claim.looked_at:
        owe(claim, LookDebt(id=next_id(claim, "look"), since=now, facts=about))
    if about is None and claim.ended_at is None:
        claim.sheet = claim.looked_at = None


def _about(claim: State) -> About | None:
    if not claim.looks or claim.submitted_at is None or claim.ended_at is not None:
        return None
    files = tuple((file.sha256, file.name, file.media_type) for file in _sealed(claim))
    if not files:
        return None
    partner, customer = claim.partner, claim.customer
    digest = _digest_of(
        files,
        (partner.name, partner.mpn_id, customer.name, customer.domain, customer.tenant_id),
        tuple((each.code, each.subscription_id) for each in claim.products),
        claim.submitted_at.date().isoformat(),
    )
    return About(files=[sha256 for sha256, _, _ in files], digest=digest)


@lru_cache(maxsize=1024)
def _digest_of(
    files: tuple[tuple[str, str, str], ...],
    parties: tuple[str | None, ...],
    products: tuple[tuple[str, str | None], ...],
    day: str,
) -> str:
    """Asked for after each step of a claim, and hardly ever another than before."""
    return hash_of({"files": files, "claimed": [*parties, products, day]})[:DIGEST]


def _sealed(claim: State) -> list[EvidenceFile]:
    return [file for file in claim.evidence if file.state == "sealed"]


def _why(file: EvidenceFile) -> str:
    codes = (code for code in file.findings if VERDICT_OF[code] == "refused")
    return next(codes, "not_accepted")
