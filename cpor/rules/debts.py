"""The debts of a claim, whatever they are for: paid, late, parked and tried again."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any, cast

from pydantic import Discriminator, Tag

from cpor.rules import lateness
from cpor.rules.bookkeeping import cross_off, note
from cpor.rules.debt import in_short
from cpor.rules.effects import consent, look, release, request
from cpor.rules.effects.award import AwardDebt
from cpor.rules.effects.conflict import ConflictDebt
from cpor.rules.effects.consent import ConsentDebt
from cpor.rules.effects.directory import DirectoryDebt
from cpor.rules.effects.enter import EnterDebt
from cpor.rules.effects.evidence import SealDebt
from cpor.rules.effects.hand_off import HandOffDebt, RecallDebt
from cpor.rules.effects.look import LookDebt
from cpor.rules.effects.notice import NoticeDebt
from cpor.rules.effects.portal_event import EventDebt, owe_changes
from cpor.rules.effects.record import RecordDebt, owe_record
from cpor.rules.effects.release import ReleaseDebt
from cpor.rules.effects.request import RequestDebt
from cpor.rules.effects.result import ResultDebt
from cpor.rules.history import CLAIM_ITSELF
from cpor.rules.state import State
from cpor.rules.transitions import happens


def _kind(debt: Any) -> str:
    """From some notices more follows."""
    known = cast("dict[str, Any]", debt if isinstance(debt, dict) else vars(debt))
    return _MORE_FOLLOWS.get(known.get("notice", ""), "") or known["kind"]


_MORE_FOLLOWS = {"consent": "consent", "info_requested": "request"}


AnyDebt = Annotated[
    Annotated[NoticeDebt, Tag("notice")]
    | Annotated[ConsentDebt, Tag("consent")]
    | Annotated[RequestDebt, Tag("request")]
    | Annotated[SealDebt, Tag("seal")]
    | Annotated[LookDebt, Tag("look")]
    | Annotated[DirectoryDebt, Tag("directory")]
    | Annotated[EnterDebt, Tag("enter")]
    | Annotated[AwardDebt, Tag("award")]
    | Annotated[ReleaseDebt, Tag("release")]
    | Annotated[HandOffDebt, Tag("hand_off")]
    | Annotated[RecallDebt, Tag("recall")]
    | Annotated[ResultDebt, Tag("result")]
    | Annotated[EventDebt, Tag("event")]
    | Annotated[RecordDebt, Tag("record")]
    | Annotated[ConflictDebt, Tag("conflict")],
    Discriminator(_kind),
]

State.model_rebuild(_types_namespace={"AnyDebt": AnyDebt})


def paid(claim: State, debt_id: str, result: Any, now: datetime) -> None:
    """The world has answered. What is owed no more changes nothing."""
    debt = claim.debt(debt_id)
    if debt is None:
        return
    if occurrence := debt.paid(claim, result, now):
        happens(claim, occurrence, now)
    settle(claim, now)


def late(
    claim: State, debt_id: str, answer: str, now: datetime, pause: timedelta | None = None
) -> None:
    """The first tries failed; slower ones go on, after the pause that was asked for."""
    if debt := claim.debt(debt_id):
        debt.state, debt.last_answer = "late", in_short(answer)
        debt.paused_until = now + pause if pause else None
        settle(claim, now)


def park(claim: State, debt_id: str, answer: str, now: datetime) -> None:
    """Refused for good: it waits for an operator's `retry`, unless it is wanted no more."""
    if debt := claim.debt(debt_id):
        debt.park(claim, answer, now)
        settle(claim, now)


def owe_again(claim: State, now: datetime) -> list[str]:
    """Parked debts are owed once more, and no pause is kept; says which."""
    tried = (debt for debt in claim.debts if not debt.stops_all)
    waiting = [debt for debt in tried if debt.state == "parked" or debt.paused_until]
    for debt in waiting:
        if debt.state == "parked":
            debt.state, debt.parked_at = "owed", None
        debt.paused_until = None
    again = [*consent.ask_again(claim, now), *request.ask_again(claim, now)]
    return [debt.label for debt in waiting] + again


def given_up_at(claim: State, debt: AnyDebt) -> datetime | None:
    """When a parked debt of a claim that is over is given up; None where it never is."""
    is_kept = claim.ended_at is None or debt.parked_at is None
    return None if is_kept else debt.given_up_at(claim)


def give_up(claim: State, now: datetime) -> None:
    """Cross off what nobody has retried in time."""
    for debt in list(claim.debts):
        if (until := given_up_at(claim, debt)) is not None and until <= now:
            cross_off(claim, debt)
            text = f"{debt.label} is given up: {debt.last_answer}"
            note(claim, "given_up", text, CLAIM_ITSELF, now)


def settle(claim: State, now: datetime) -> None:
    """The portal is told what changed; once nothing else is owed, the record of all this is."""
    lateness.settle(claim, now)
    release.settle(claim, now)
    look.settle(claim, now)
    owe_changes(claim, now)
    owe_record(claim, now)
