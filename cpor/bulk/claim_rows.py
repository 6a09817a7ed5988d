"""A claim as a row: what would open it, and beside that how it stands."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from cpor.bulk import csv_table, layout, ndjson
from cpor.bulk.rows import BOM
from cpor.rules.views import ClaimView

FACTS = (
    "status",
    "consent",
    "eligibility",
    "waiting_for",
    "reviewer",
    "deadline",
    "overdue",
    "reasons",
    "first_submitted_at",
    "submitted_at",
    "approved_at",
    "notice_accepted_at",
    "official_since",
    "handed_off_at",
    "ended_at",
)
"""How it stands; an import passes over them."""


def as_opening(claim: ClaimView) -> dict[str, Any]:
    """What would open this claim as it stands now."""
    known = claim.model_dump(mode="json", exclude_none=True)
    said = ("claim_id", "name", "program", "activity", "partner", "customer", "edition")
    proof = ("sha256", "name", "media_type", "size")
    return {
        **{name: known[name] for name in said if name in known},
        "products": [
            {name: value for name, value in product.items() if name != "code"}
            for product in known["products"]
        ],
        "evidence": [{name: file[name] for name in proof} for file in known["evidence"]],
        "submit": claim.first_submitted_at is not None,
    }


def facts(claim: ClaimView) -> Mapping[str, Any]:
    known = claim.model_dump(mode="json", include=set(FACTS))
    known["reasons"] = ", ".join(reason.reason for reason in claim.reasons) or None
    return {name: known[name] for name in FACTS}


class Writer(Protocol):
    """One way to write claims down."""

    def heading(self) -> bytes: ...

    def line(self, claim: ClaimView) -> bytes: ...


class TableWriter:
    """CSV. A spreadsheet knows UTF-8 by a file's first bytes; programs are better without."""

    def __init__(self, for_spreadsheets: bool) -> None:
        self._beginning = BOM if for_spreadsheets else b""

    def heading(self) -> bytes:
        names = [*layout.COLUMNS, *(f"{layout.OURS}{name}" for name in FACTS)]
        return self._beginning + csv_table.line(names)

    def line(self, claim: ClaimView) -> bytes:
        told = [layout.cell(name, value) for name, value in facts(claim).items()]
        return csv_table.line([*layout.cells(as_opening(claim)).values(), *told])


class ObjectWriter:
    """NDJSON."""

    def heading(self) -> bytes:
        return b""

    def line(self, claim: ClaimView) -> bytes:
        return ndjson.line({**as_opening(claim), ndjson.IS: facts(claim)})
