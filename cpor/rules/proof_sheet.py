"""The sheet about a claim's proof as the claim knows it: counts and reason codes, no words.

The whole sheet, with its quotes, is written from what the store has; see `cpor.evidence`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Literal

from pydantic import BaseModel

from cpor.rules.facts import Customer, EvidenceFile, Instant, Partner, Product
from cpor.rules.grounds import RequestReason
from cpor.rules.proof_files import FileVerdict

Topic = Literal[
    "product",
    "subscription",
    "partner",
    "mpn_id",
    "customer",
    "domain",
    "tenant_id",
    "dates",
    "acknowledgement",
    "services",
]


class Claimed(BaseModel):
    """What the claim says, which proof has to show."""

    partner: str
    """The partner's name."""
    mpn_id: str
    """The partner's."""
    customer: str
    """The customer's name."""
    domain: str
    """The customer's."""
    tenant_id: str
    """The customer's."""
    products: Sequence[Product]
    """What was bought or is used."""
    submitted: date
    """The day of the last submission: how old proof may be is counted from it."""

    @classmethod
    def of(
        cls, partner: Partner, customer: Customer, products: Sequence[Product], submitted: date
    ) -> Claimed:
        return cls(
            partner=partner.name,
            mpn_id=partner.mpn_id,
            customer=customer.name,
            domain=customer.domain,
            tenant_id=customer.tenant_id,
            products=products,
            submitted=submitted,
        )


class Tally(BaseModel):
    """How many lines of one topic came out how."""

    found: int = 0
    """Named in the proof."""
    unclear: int = 0
    """Perhaps named, or perhaps in a part that no program could read."""
    missing: int = 0
    """Named nowhere."""


class SheetInShort(BaseModel):
    """What a program found in the proof. It advises and never decides."""

    at: Instant
    """When it was written; it is written anew when files or what is claimed change."""
    lines: dict[Topic, Tally]
    """What was looked for, by topic."""
    asks: list[RequestReason]
    """The codes with which a request would ask for the gaps."""

    @property
    def found(self) -> int:
        return sum(each.found for each in self.lines.values())

    @property
    def looked_for(self) -> int:
        return sum(each.found + each.unclear + each.missing for each in self.lines.values())


class LookedInto(BaseModel):
    """What the query `sheet` answers."""

    files: list[EvidenceFile]
    """All that are not withdrawn; one without a verdict was not looked into yet."""
    sheet: SheetInShort | None
    """Null before it was written, and where the proof is not looked into."""


def in_words(files: Sequence[EvidenceFile], sheet: SheetInShort | None) -> str:
    """One line for those who operate or review; empty where nothing is known."""
    if sheet is None:
        return ""
    verdicts = [each.verdict for each in files if each.is_there]
    careful: tuple[FileVerdict, ...] = ("suspicious", "refused")
    parts = [
        f"{sheet.found} of {sheet.looked_for} found",
        *(f"{count} {each}" for each in careful if (count := verdicts.count(each))),
        *([f"a request would say {', '.join(sheet.asks)}"] if sheet.asks else []),
    ]
    return "; ".join(parts)
