"""What may be said to a claim now: by whom, with which fields. A portal shows its buttons by this.

It is read off the same table that hears the messages, and off what their checks ask of the claim.
What depends on the content alone is left to the schemas, and to the claim's answer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from pydantic import BaseModel

from cpor.rules.deadlines import ClockName
from cpor.rules.facts import MOST_FILES, EvidenceFile, PartnerRole, Role
from cpor.rules.lifecycle import Status
from cpor.rules.messages import MESSAGES, Comment, Edit
from cpor.rules.state import State
from cpor.rules.transitions import possible as rows_that_hear

_OF_EVERY_MESSAGE = ("id", "by")


class Possible(BaseModel):
    """One message that one role may send now."""

    message: str
    """Its name."""
    role: Role
    """Who may send it."""
    partner_roles: list[PartnerRole] = []
    """For which of a partner's people it is, where `by` says which one speaks."""
    fields: list[str]
    """What it may say, beside `id` and `by`; of `edit`, what its `changes` may name."""
    clocks: list[ClockName] = []
    """Of `extend`, the clocks that can be given more time."""


def possible(claim: State) -> list[Possible]:
    """In the order of the lifecycle table; none once the claim takes nothing more."""
    if claim.is_over:
        return []
    heard: dict[tuple[str, Role], None] = dict.fromkeys(
        (row.hears, role)
        for row in rows_that_hear(claim)
        for role in row.roles
        if _REASONABLE.get(row.hears, _always)(claim)
    )
    return [_possible(claim, name, role) for name, role in heard]


def _possible(claim: State, name: str, role: Role) -> Possible:
    roles = claim.rules_in_force.partner_roles
    return Possible(
        message=name,
        role=role,
        partner_roles=list(roles.may(name, claim.status)) if role == "partner" else [],
        fields=_fields(claim, name, role),
        clocks=claim.clocks.extendable if name == "extend" else [],
    )


def _fields(claim: State, name: str, role: Role) -> list[str]:
    if name == Edit.name:
        return [field for field in claim.editable if field != "evidence"]
    fields = [field for field in MESSAGES[name].model_fields if field not in _OF_EVERY_MESSAGE]
    only_reviewers = ("internal",) if name == Comment.name and role != "reviewer" else ()
    return [field for field in fields if field not in only_reviewers]


def may_be_withdrawn(claim: State, file: EvidenceFile) -> bool:
    """An approval must rest on another file."""
    others = (each for each in claim.evidence if each is not file and each.counts)
    return claim.status is not Status.APPROVED or any(others)


def _always(_: State) -> bool:
    return True


_REASONABLE: Mapping[str, Callable[[State], bool]] = {
    "add_evidence": lambda claim: (
        len(claim.evidence) < MOST_FILES or not all(file.is_there for file in claim.evidence)
    ),
    "withdraw_evidence": lambda claim: any(
        may_be_withdrawn(claim, file) for file in claim.evidence
    ),
    "submit": lambda claim: any(
        file.state != "withdrawn" and file.verdict != "refused" for file in claim.evidence
    ),
    "approve": lambda claim: claim.has_proof,
    "extend": lambda claim: bool(claim.clocks.extendable),
    "bounced": lambda claim: bool(claim.arrivals),
}
"""What must be true of the claim beside its place in the table, or the message is refused."""
