"""Searching claims: those that Temporal lists, and the records of those it has forgotten."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import aclosing
from typing import Literal

from pydantic import BaseModel, ConfigDict, field_validator
from temporalio.client import WorkflowExecution

from cpor.client import concurrency, records
from cpor.client.errors import PortalError
from cpor.client.records import RecordSummary
from cpor.client.transport import Transport
from cpor.contract import search_attributes
from cpor.contract.names import WORKFLOW
from cpor.rules import catalogue
from cpor.rules.facts import Guid, Instant, Line, MpnId, Program
from cpor.rules.lifecycle import Status
from cpor.rules.state import WaitingFor
from cpor.store import FileChanged, Store, is_claim_id

NOBODY = "nobody"
"""In place of a reviewer: claims that no reviewer has."""
RECORDED = frozenset({Status.APPROVED, Status.REJECTED, Status.REJECTED_FINAL})
"""The statuses of records: one is kept at the hand-off, and another at the end."""
RUNNING = {"claims": "running"}
READS_AT_ONCE = 16
"""How many records are read concurrently."""
UNQUOTABLE = frozenset('\\"')
"""Engines differ in how they read these in a query, so reviewers with them are filtered here."""


class Search(BaseModel, frozen=True):
    """The conditions of a search. Those that are left out match every claim."""

    model_config = ConfigDict(extra="forbid")

    claims: Literal["running", "ended", "all"] = "all"
    status: Status | None = None
    waiting_for: WaitingFor | None = None
    overdue: bool | None = None
    owes: bool | None = None
    program: Program | None = None
    partner: MpnId | None = None
    customer: Guid | None = None
    reviewers: Sequence[Line] = ()
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
    """A claim as a list shows it: by ids, without any person's name.

    Where its record is all there is and cannot be read, `problem` says so, and nothing else is
    known of it.
    """

    claim_id: str
    running: bool = False
    status: str | None = None
    """One of `Status`, or a status of a newer worker."""
    waiting_for: str | None = None
    deadline: Instant | None = None
    overdue: bool = False
    owes: bool = False
    program: str | None = None
    partner: str | None = None
    customer: str | None = None
    reviewer: str | None = None
    products: list[str] = []
    started_at: Instant | None = None
    ended_at: Instant | None = None
    problem: str | None = None


async def search(transport: Transport, store: Store, wanted: Search) -> AsyncIterator[Found]:
    """As Temporal lists them, newest first; then those it has forgotten.

    Records are read only where one of them could match. A record that cannot be read is found
    then, because nothing shows that it does not match.
    """
    async for found in listed(transport, _query(wanted), wanted):
        yield found
    if _records_can_match(wanted):
        async for found in _forgotten(transport, store, wanted):
            yield found


async def listed(transport: Transport, query: str, wanted: Search) -> AsyncIterator[Found]:
    """As Temporal lists them, newest first."""
    async for each in transport.list_claims(query):
        if is_claim_id(each.id) and _fits(found := _found(each), wanted):
            yield found


def query_of_running(wanted: Search) -> str | None:
    """By which Temporal alone finds all that match. None where others than running claims can, or
    where it does not tell all of them."""
    never_ended = wanted.waiting_for not in (None, "nobody") or wanted.due_before or wanted.overdue
    if not (wanted.claims == "running" or (wanted.claims == "all" and never_ended)):
        return None
    return None if _has_unquotable(wanted) else _query(wanted.model_copy(update=RUNNING))


def _records_can_match(wanted: Search) -> bool:
    """A claim that Temporal has forgotten waits for nobody: it has no deadline and owes nothing."""
    return (
        wanted.claims != "running"
        and (wanted.status is None or wanted.status in RECORDED)
        and wanted.waiting_for in (None, "nobody")
        and not wanted.overdue
        and not wanted.owes
        and wanted.due_before is None
    )


def _query(wanted: Search) -> str:
    return " AND ".join([f"WorkflowType = '{WORKFLOW}'", *_conditions(wanted)])


def _conditions(wanted: Search) -> Iterator[str]:
    if wanted.claims == "running":
        yield "ExecutionStatus = 'Running'"
    else:
        # A claim that goes on in a new run is listed under its last run only; what failed is a
        # start that was refused, and no claim.
        yield "ExecutionStatus != 'ContinuedAsNew' AND ExecutionStatus != 'Failed'"
    if wanted.claims == "ended":
        yield "ExecutionStatus != 'Running'"
    for key, value in (
        (search_attributes.STATUS, wanted.status and wanted.status.value),
        (search_attributes.WAITING_FOR, wanted.waiting_for),
        (search_attributes.OVERDUE, wanted.overdue),
        (search_attributes.OWES, wanted.owes),
        (search_attributes.PROGRAM, wanted.program),
        (search_attributes.PARTNER, wanted.partner),
        (search_attributes.CUSTOMER, wanted.customer),
        (search_attributes.PRODUCTS, wanted.product),
    ):
        if value is not None:
            yield f"{key.name} = {_literal(value)}"
    if wanted.due_before is not None:
        yield f"{search_attributes.DEADLINE.name} < {_literal(wanted.due_before.isoformat())}"
    if wanted.reviewers and not _has_unquotable(wanted):
        yield f"({' OR '.join(map(_reviewed_by, wanted.reviewers))})"


def _has_unquotable(wanted: Search) -> bool:
    return any(UNQUOTABLE.intersection(each) for each in wanted.reviewers)


def _reviewed_by(reviewer: str) -> str:
    name = search_attributes.REVIEWER.name
    return f"{name} IS NULL" if reviewer == NOBODY else f"{name} = {_literal(reviewer)}"


def _literal(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    escaped = str(value).replace("'", "''")
    return f"'{escaped}'"


def _found(listed: WorkflowExecution) -> Found:
    known, running = listed.typed_search_attributes, listed.close_time is None
    return Found(
        claim_id=listed.id,
        running=running,
        status=known.get(search_attributes.STATUS),
        # One that was ended by force still says what it waited for, and until when.
        waiting_for=known.get(search_attributes.WAITING_FOR) if running else "nobody",
        deadline=known.get(search_attributes.DEADLINE) if running else None,
        overdue=running and bool(known.get(search_attributes.OVERDUE)),
        owes=bool(known.get(search_attributes.OWES)),
        program=known.get(search_attributes.PROGRAM),
        partner=known.get(search_attributes.PARTNER),
        customer=known.get(search_attributes.CUSTOMER),
        reviewer=known.get(search_attributes.REVIEWER),
        products=list(known.get(search_attributes.PRODUCTS) or ()),
        started_at=listed.start_time,
        ended_at=listed.close_time,
    )


async def _forgotten(transport: Transport, store: Store, wanted: Search) -> AsyncIterator[Found]:
    """Those of which only the record is left."""
    everything = Search(partner=wanted.partner)
    known = {listed.id async for listed in transport.list_claims(_query(everything))}
    unknown = (each async for each in store.recorded(wanted.partner) if each not in known)

    async def read(claim_id: str) -> Found | None:
        try:
            record = await records.kept(store, claim_id)
            return _recorded(records.parsed(record, RecordSummary)) if record else None
        except (PortalError, FileChanged) as error:
            return Found(claim_id=claim_id, problem=str(error))

    async with aclosing(concurrency.map_ordered(read, unknown, READS_AT_ONCE)) as all_found:
        async for found in all_found:
            if found and (found.problem or _fits(found, wanted)):
                yield found


def _recorded(claim: RecordSummary) -> Found:
    """Not with its debts: what was owed at the hand-off was tried after the record was written."""
    return Found(
        claim_id=claim.claim_id,
        status=claim.status,
        waiting_for="nobody",
        program=claim.program,
        partner=claim.partner.mpn_id,
        customer=claim.customer.tenant_id,
        reviewer=claim.reviewer,
        products=list(dict.fromkeys(product.code for product in claim.products)),
        started_at=claim.started_at,
        ended_at=claim.ended_at,
    )


def _fits(found: Found, wanted: Search) -> bool:
    alike = ("status", "waiting_for", "overdue", "owes", "program", "partner", "customer")
    due = found.deadline
    return (
        all(getattr(wanted, name) in (None, getattr(found, name)) for name in alike)
        and (wanted.product is None or wanted.product in found.products)
        and (not wanted.reviewers or (found.reviewer or NOBODY) in wanted.reviewers)
        and (wanted.due_before is None or (due is not None and due < wanted.due_before))
    )
