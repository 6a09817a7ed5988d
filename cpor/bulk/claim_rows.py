"""A claim as a row of an export: the opening it could be started with, and facts about it."""

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
"""Fields of the claim that an import ignores."""


def as_opening(claim: ClaimView) -> dict[str, Any]:
    """The opening that would start this claim as it is now."""
    without = {"products": {"__all__": {"code"}}}
    known = claim.model_dump(mode="json", exclude_none=True, exclude=without)
    fields = ("claim_id", "key", "name", "program", "activity", "partner", "customer", "edition")
    proof = ("sha256", "name", "media_type", "size")
    return {
        **{name: known[name] for name in fields if name in known},
        "products": known["products"],
        "evidence": [
            {name: file[name] for name in proof}
            for file in known["evidence"]
            if file["state"] != "withdrawn"
        ],
        "submit": claim.first_submitted_at is not None,
    }


def facts(claim: ClaimView) -> Mapping[str, Any]:
    known = claim.model_dump(mode="json", include=set(FACTS))
    known["reasons"] = ", ".join(reason.reason for reason in claim.reasons) or None
    return {name: known[name] for name in FACTS}


class Writer(Protocol):
    """Writes claims in one format."""

    def heading(self) -> bytes: ...

    def line(self, claim: ClaimView) -> bytes: ...


class TableWriter:
    """CSV. Spreadsheets need a byte order mark to recognise UTF-8; programs do better without."""

    def __init__(self, for_spreadsheets: bool) -> None:
        self._beginning = BOM if for_spreadsheets else b""

    def heading(self) -> bytes:
        names = [*layout.COLUMNS, *(f"{layout.OURS}{name}" for name in FACTS)]
        return self._beginning + csv_table.line(names)

    def line(self, claim: ClaimView) -> bytes:
        cells = [layout.cell(name, value) for name, value in facts(claim).items()]
        return csv_table.line([*layout.cells(as_opening(claim)).values(), *cells])


class ObjectWriter:
    """NDJSON."""

    def heading(self) -> bytes:
        return b""

    def line(self, claim: ClaimView) -> bytes:
        return ndjson.line({**as_opening(claim), ndjson.IS: facts(claim)})
