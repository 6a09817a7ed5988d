"""Which claims there are: as the engine lists them, and the records of what it has forgotten."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, field_validator
from temporalio.client import WorkflowExecution
from temporalio.common import SearchAttributeKey, TypedSearchAttributes

from claims import catalogue
from claims.facts import Instant, Program
from claims.lifecycle import Status
from claims.state import WaitingFor
from claims.views import ClaimView
from portal.wire import Wire
from store import Store
from workflows import attributes

NOBODY = "nobody"
"""In place of a reviewer: claims that no reviewer has."""


class Search(BaseModel, frozen=True):
    """What must hold of a claim to be found; what is left out may be anything."""

    model_config = ConfigDict(extra="forbid")

    claims: Literal["running", "ended", "all"] = "all"
    status: Status | None = None
    waiting_for: WaitingFor | None = None
    overdue: bool | None = None
    owes: bool | None = None
    program: Program | None = None
    partner: str | None = None
    customer: str | None = None
    reviewers: Sequence[str] = ()
    product: str | None = None
    due_before: Instant | None = None

    @field_validator("product")
    @classmethod
    def _code(cls, value: str | None) -> str | None:
        if value is None:
            return None
        entry = catalogue.find(value)
        if entry is None:
            near = ", ".join(catalogue.nearest(value))
            raise ValueError(f"{value!r} is not in the product catalogue; nearest: {near}")
        return entry.code


class Found(BaseModel):
    """A claim as a list shows it: by ids, without any person's name."""

    claim_id: str
    running: bool
    status: Status | None
    waiting_for: WaitingFor | None
    deadline: Instant | None
    overdue: bool
    owes: bool
    program: str | None
    partner: str | None
    customer: str | None
    reviewer: str | None
    products: list[str]
    started_at: Instant | None
    ended_at: Instant | None


async def search(wire: Wire, store: Store, wanted: Search) -> AsyncIterator[Found]:
    """As the engine lists them, newest first; then those it has forgotten."""
    async for listed in wire.listed(_query(wanted)):
        yield _found(listed)
    if wanted.claims != "running":
        async for found in _forgotten(wire, store, wanted):
            yield found


def _query(wanted: Search) -> str:
    return " AND ".join(["WorkflowType = 'Claim'", *_conditions(wanted)])


def _conditions(wanted: Search) -> Iterator[str]:
    if wanted.claims == "running":
        yield "ExecutionStatus = 'Running'"
    else:
        # A claim that goes on in a new run is listed under its last run only.
        yield "ExecutionStatus != 'ContinuedAsNew'"
    if wanted.claims == "ended":
        yield "ExecutionStatus != 'Running'"
    for key, value in (
        (attributes.STATUS, wanted.status and wanted.status.value),
        (attributes.WAITING_FOR, wanted.waiting_for),
        (attributes.OVERDUE, wanted.overdue),
        (attributes.OWES, wanted.owes),
        (attributes.PROGRAM, wanted.program),
        (attributes.PARTNER, wanted.partner),
        (attributes.CUSTOMER, wanted.customer),
        (attributes.PRODUCTS, wanted.product),
    ):
        if value is not None:
            yield f"{key.name} = {_literal(value)}"
    if wanted.due_before is not None:
        yield f"{attributes.DEADLINE.name} < {_literal(wanted.due_before.isoformat())}"
    if wanted.reviewers:
        yield f"({' OR '.join(map(_reviewed_by, wanted.reviewers))})"


def _reviewed_by(reviewer: str) -> str:
    name = attributes.REVIEWER.name
    return f"{name} IS NULL" if reviewer == NOBODY else f"{name} = {_literal(reviewer)}"


def _literal(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    escaped = str(value).replace("\\", "\\\\").replace("'", "''")
    return f"'{escaped}'"


def _found(listed: WorkflowExecution) -> Found:
    known = listed.typed_search_attributes
    status = _of(known, attributes.STATUS)
    return Found(
        claim_id=listed.id,
        running=listed.close_time is None,
        status=status and Status(status),
        waiting_for=_of(known, attributes.WAITING_FOR),
        deadline=_of(known, attributes.DEADLINE),
        overdue=bool(_of(known, attributes.OVERDUE)),
        owes=bool(_of(known, attributes.OWES)),
        program=_of(known, attributes.PROGRAM),
        partner=_of(known, attributes.PARTNER),
        customer=_of(known, attributes.CUSTOMER),
        reviewer=_of(known, attributes.REVIEWER),
        products=list(_of(known, attributes.PRODUCTS) or ()),
        started_at=listed.start_time,
        ended_at=listed.close_time,
    )


def _of(known: TypedSearchAttributes, key: SearchAttributeKey[Any]) -> Any:
    return known.get(key)


async def _forgotten(wire: Wire, store: Store, wanted: Search) -> AsyncIterator[Found]:
    """Of the claims whose record is all there is; those the engine knows it has listed."""
    everything = Search(partner=wanted.partner)
    known = {listed.id async for listed in wire.listed(_query(everything))}
    async for claim_id in store.recorded(wanted.partner):
        if claim_id in known:
            continue
        record = await store.read_record(claim_id)
        if record is None:
            continue
        found = _recorded(ClaimView.model_validate(record), record)
        if _fits(found, wanted):
            yield found


def _recorded(claim: ClaimView, record: Mapping[str, Any]) -> Found:
    return Found(
        claim_id=claim.claim_id,
        running=False,
        status=claim.status,
        waiting_for=claim.waiting_for,
        deadline=None,
        overdue=False,
        owes=bool(claim.owed),
        program=claim.program,
        partner=claim.partner.mpn_id,
        customer=claim.customer.tenant_id,
        reviewer=claim.reviewer,
        products=list(dict.fromkeys(product.code for product in claim.products)),
        started_at=record["history"][0]["at"],
        ended_at=claim.ended_at,
    )


def _fits(found: Found, wanted: Search) -> bool:
    alike = ("status", "waiting_for", "overdue", "owes", "program", "partner", "customer")
    return (
        all(getattr(wanted, name) in (None, getattr(found, name)) for name in alike)
        and (wanted.product is None or wanted.product in found.products)
        and (not wanted.reviewers or (found.reviewer or NOBODY) in wanted.reviewers)
        and wanted.due_before is None
    )
