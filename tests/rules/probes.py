"""What claims do, so that it can be compared: from many stages, everything that may happen next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache, partial
from typing import Any, get_args

from pydantic import BaseModel

from cpor.rules.associations.associations import Associations
from cpor.rules.associations.calls import Answer, Picture, Rival
from cpor.rules.associations.state import News, Told
from cpor.rules.associations.state import State as Tenants
from cpor.rules.associations.telling import Telling
from cpor.rules.claim import Claim
from cpor.rules.debts import AnyDebt
from cpor.rules.editions import FOLDER, load
from cpor.rules.effects.directory import DirectoryResult
from cpor.rules.effects.events import EventResult
from cpor.rules.effects.evidence import SealResult
from cpor.rules.effects.notice import NoticeResult
from cpor.rules.effects.record import RecordResult
from cpor.rules.errors import EditionError, Refused
from cpor.rules.facts import Role
from cpor.rules.lifecycle import Status
from cpor.rules.messages import MESSAGES
from cpor.rules.state import State
from tests.examples import opening
from tests.rules import stages
from tests.rules.looks import looked
from tests.rules.play import (
    DIGEST,
    MONDAY,
    NEEDS,
    NO,
    SECOND,
    Play,
    approved,
    asked,
    consent_running,
    dynamics_approved,
    handed_off,
    in_conflict,
    lapsed,
    notice_of,
    rejected,
    under_review,
    window_over,
)

TIME = "time passes"
POSSIBLE = "what would be possible now"
EDITIONS = "the editions go with the table"
FASTER = Answer(
    outcome="not_granted",
    step=100,
    rivals=[
        Rival(
            claim_id="CPOR-NEW",
            mpn_id="4999999",
            items=["workload:teams"],
            holds=True,
            since=MONDAY,
        )
    ],
)
"""Another claim holds an item."""
MANY_WAKES = 40
"""More than any claim of these stages has before it, when nobody says anything."""
CONTACT = {"name": "Liv Ek", "email": "liv@contoso.example"}


# More stages than those of `stages.py`


def _directory_asked(edition: str = "2020") -> Play:
    """Submitted; the vendor's directory has not answered yet."""
    return Play(opening(edition=edition), directory=True)


def _directory_asked_again(edition: str = "2020") -> Play:
    play = _directory_asked(edition)
    play.pay()
    play.tell("request_info")
    play.pay()
    play.tell("submit")
    return play


def _directory_asked_in_dispute() -> Play:
    play = _directory_asked()
    play.pay()
    play.tell("reject")
    play.tell("dispute")
    play.tell("request_info", by=SECOND, **NEEDS["request_info"])
    play.pay()
    play.tell("submit")
    return play


def _dispute_window_over() -> Play:
    play = rejected()
    play.wait(play.clock("dispute").end or play.now)
    return play


def _paid(play: Play) -> Play:
    play.pay()
    return play


def _consent_lapsed(play: Play) -> Play:
    """Official; what is handed off is still owed."""
    play.pay()
    return window_over(play)


def _asked_anew() -> Play:
    """The first notice came back; the corrected contact was told."""
    play = approved()
    play.pay(refused=["contact"])
    play.tell("edit", changes={"customer_contact": CONTACT})
    return _paid(play)


def _recognition_only() -> Play:
    """Official, and never handed off."""
    program = {"program": "osa-sell", "activity": "revenue-association"}
    return _consent_lapsed(dynamics_approved(**program))


def _told(stage: Callable[[], Play], *names: str) -> Play:
    play = stage()
    for name in names:
        play.tell(name)
    return play


def _elsewhere(**changes: Any) -> Play:
    """Submitted; the customer's contact lies outside the customer's domain."""
    customer = opening()["customer"]
    contact = {**customer["contact"], "email": "lars@elsewhere.example"}
    play = Play(opening(customer={**customer, "contact": contact}, **changes))
    return _paid(play)


def _elsewhere_in_dispute() -> Play:
    return _paid(_told(_elsewhere, "reject", "dispute"))


def _unchecked() -> Play:
    """Approved before the store has looked."""
    play = Play(opening())
    play.pay("submitted", "to_review")
    play.tell("approve")
    return play


def _unchecked_dispute() -> Play:
    play = under_review()
    play.tell("reject")
    play.tell("dispute", **NEEDS["add_evidence"])
    play.pay("rejected", "disputed", "to_review")
    play.tell("approve", by=SECOND)
    return play


def _award_asked() -> Play:
    """Approved; whether another claim was faster is not known yet."""
    return _told(_with_associations, "approve")


def _with_associations(**changes: Any) -> Play:
    tenant_id = opening()["customer"]["tenant_id"]
    associations = Associations(Tenants(tenant_id=tenant_id))
    return _paid(Play(opening(**changes), associations=associations))


def _award_asked_in_dispute() -> Play:
    play = _paid(_told(_with_associations, "reject", "dispute"))
    play.tell("approve", by=SECOND)
    return play


def _approved_while_asked(refused: str = "") -> Play:
    """Approved; the directory has not answered about a change."""
    play = Play(opening(), directory=True)
    play.pay()
    play.tell("edit")
    play.tell("approve")
    play.pay("approved", "consent", refused=[refused])
    return play


def _official_while_asked() -> Play:
    return window_over(_approved_while_asked())


def _doubted(refused: str = "") -> Play:
    play = _approved_while_asked(refused)
    play.pay(refused=["directory"])
    return play


def _objected(**changes: Any) -> Play:
    """Official; then somebody said no by the link of the first notice."""
    play = Play(opening(**changes))
    play.pay()
    play.tell("approve")
    play.pay(refused=["contact"])
    play.tell("retry")
    play = _consent_lapsed(play)
    play.tell("decline", notice_id=f"{play.claim.state.claim_id}.consent.1.contact")
    return play


def _looked_into() -> Play:
    """Submitted and sealed; nobody has looked into the proof yet."""
    play = Play(opening(), looks=True)
    play.pay("notice", "seal", "directory", "event")
    return play


_approved_after_an_answer = partial(_told, asked, "submit", "approve")

STAGES: dict[str, Callable[[], Play]] = {
    **{name: play for name, (_, play, _) in stages.STAGES.items()},
    "under review in 2023": partial(under_review, edition="2023"),
    "directory asked": _directory_asked,
    "directory asked, in the review": partial(_told, _directory_asked, "start_review"),
    "directory asked, asked for more": partial(_told, _directory_asked, "request_info"),
    "directory asked about an answer": _directory_asked_again,
    "directory asked about an answer in 2023": partial(_directory_asked_again, "2023"),
    "directory asked in a dispute": _directory_asked_in_dispute,
    "approved, two contacts": dynamics_approved,
    "approved, more proof added": partial(_told, approved, "add_evidence"),
    "asked anew": _asked_anew,
    "asked anew, then official": lambda: _consent_lapsed(_asked_anew()),
    "approved after an answer": _approved_after_an_answer,
    "window open after an answer": lambda: _paid(_approved_after_an_answer()),
    "official after an answer": lambda: _consent_lapsed(_approved_after_an_answer()),
    "official, recognition only": _recognition_only,
    "rejected after an answer": partial(_told, asked, "submit", "reject"),
    "withdrawn while the notice is under way": partial(_told, approved, "withdraw"),
    "association ended": partial(_told, handed_off, "disassociate"),
    "association ended in 2023": partial(
        _told, partial(handed_off, edition="2023"), "disassociate"
    ),
    "no dispute in time": _dispute_window_over,
    "contact elsewhere": _elsewhere,
    "contact elsewhere, in the review": partial(_told, _elsewhere, "start_review"),
    "contact elsewhere, disputed": _elsewhere_in_dispute,
    "contact elsewhere, approved": lambda: _paid(_told(_elsewhere, "approve")),
    "approved, proof unchecked": _unchecked,
    "approved in a dispute, proof unchecked": _unchecked_dispute,
    "asks for its items": _with_associations,
    "asks for its items, in the review": partial(_told, _with_associations, "start_review"),
    "asks for its items, disputed": lambda: _paid(_told(_with_associations, "reject", "dispute")),
    "approved, award asked": _award_asked,
    "approved in a dispute, award asked": _award_asked_in_dispute,
    "holds its items": lambda: _paid(_award_asked()),
    "holds its items in 2023": lambda: _paid(
        _told(partial(_with_associations, edition="2023"), "approve")
    ),
    "official, holds its items": lambda: _consent_lapsed(_award_asked()),
    "approved, directory asked": _approved_while_asked,
    "official, directory asked": _official_while_asked,
    "doubted": _doubted,
    "doubted, notice refused": partial(_doubted, "contact"),
    "window open, proof added": partial(_told, consent_running, "add_evidence"),
    "objected": _objected,
    "official, in conflict": lambda: in_conflict(lapsed()),
    "objected in 2023": partial(_objected, edition="2023"),
    "looked into": _looked_into,
    "looked into, in the review": partial(_told, _looked_into, "start_review"),
    "looked into, rejected": partial(_told, _looked_into, "reject"),
    "asked, the mail not gone": partial(_told, under_review, "request_info"),
}


@cache
def so_far(stage: str) -> tuple[str, datetime]:
    """A claim that is so far, dumped, and the instant at which it is."""
    play = STAGES[stage]()
    return play.claim.state.model_dump_json(), play.now


# What may happen next


@dataclass(frozen=True)
class Probe:
    """One thing that may happen to a claim of this stage, and how to see what comes of it."""

    stage: str
    status: Status | None
    hears: str
    look: Callable[[], str]

    def __str__(self) -> str:
        return f"{self.stage}: {self.hears}"


@cache
def all_probes() -> tuple[Probe, ...]:
    found = [probe for stage in STAGES for probe in _probes_of(stage)]
    return (*found, Probe("any", None, EDITIONS, _editions))


def _probes_of(stage: str) -> Iterator[Probe]:
    claim = _taken_up(stage)

    def probe(hears: str, act: Callable[[Claim, datetime], None]) -> Probe:
        return Probe(stage, claim.state.status, hears, partial(_after, stage, act))

    for name in MESSAGES:
        for role in get_args(Role):
            yield probe(name, partial(_tell, name, role, NEEDS.get(name, {})))
    contact = {"changes": {"customer_contact": CONTACT}}
    is_approved = claim.state.status is Status.APPROVED
    told = "contact unconfirmed" if is_approved else "edit"
    yield probe(told, partial(_tell, "edit", "partner", contact))
    yield probe("decline", _say_no_by_the_first_link)
    yield probe("displaced", partial(_news, "displaced"))
    yield probe("item free", partial(_news, "item_free"))
    for debt in claim.state.payable:
        for well in (True, False):
            yield probe(_event(debt), partial(_pay, debt, well))
    yield probe(TIME, _wait)
    yield Probe(stage, claim.state.status, POSSIBLE, partial(_possible, stage))


def _taken_up(stage: str) -> Claim:
    return Claim(State.model_validate_json(so_far(stage)[0]))


def _after(stage: str, act: Callable[[Claim, datetime], None]) -> str:
    """The claim afterwards, or why not. A table that makes the program fail is noticed, too."""
    claim = _taken_up(stage)
    try:
        act(claim, so_far(stage)[1])
    except Refused as refused:
        return refused.code
    except Exception as broken:
        return repr(broken)
    return claim.state.model_dump_json()


def _tell(name: str, role: str, fields: dict[str, Any], claim: Claim, now: datetime) -> None:
    by = {"role": role, "id": "contact" if role == "customer" else "somebody"}
    if "seen" in fields:
        fields = {**fields, "seen": claim.state.history[-1].seq}
    if (name, role) == ("decline", "operator"):
        fields = {"contact": "contact", "came_by": "telephone"}
    claim.take(name, [{"by": by, **fields}], now)


def _say_no_by_the_first_link(claim: Claim, now: datetime) -> None:
    """As a signal: that is how a page passes on what the claim has refused."""
    by = {"role": "customer", "id": "contact"}
    claim.hear(
        "decline", [{"by": by, "notice_id": f"{claim.state.claim_id}.consent.1.contact"}], now
    )


def _news(kind: Told, claim: Claim, now: datetime) -> None:
    """Another claim has the items now, or has left them."""
    known = claim.state
    news = News(
        id=kind,
        kind=kind,
        to=known.claim_id,
        round=known.items.calls,
        items=["workload:teams"],
        by="CPOR-NEW",
        at=now,
    )
    tenant_id = known.customer.tenant_id
    picture = Picture(step=known.items.step + 1)
    claim.told(Telling(tenant_id=tenant_id, news=news, picture=picture), now)


def _wait(claim: Claim, now: datetime) -> None:
    """Nobody says or pays anything."""
    for _ in range(MANY_WAKES):
        if wake := claim.next_wake():
            claim.tick(max(wake.at, now))


def _possible(stage: str) -> str:
    """In the words of a refusal."""
    claim, now = _taken_up(stage), so_far(stage)[1]
    name, role = ("start_review", "reviewer")
    if claim.state.status is Status.SUBMITTED:
        name, role = ("dispute", "partner")
    try:
        _tell(name, role, NEEDS.get(name, {}), claim, now)
    except Refused as refused:
        return refused.text
    return "all"


def _editions() -> str:
    try:
        return ", ".join(load(path).name for path in FOLDER.glob("*.toml"))
    except EditionError as error:
        return str(error)


def _event(debt: AnyDebt) -> str:
    """Under which name the table may hear what becomes of it."""
    match debt.kind:
        case "directory":
            return "directory says no"
        case "seal":
            return "file unusable"
        case "look":
            return "file refused"
        case "hand_off":
            return "hand-off taken"
        case "award":
            return "award lost"
        case "enter" | "release":
            return "displaced"
        case "notice" if notice_of(debt) == "info_requested":
            return "request refused"
        case "notice" | "recall" | "result" | "event" | "record" | "conflict":
            return "notice refused"


def _pay(debt: AnyDebt, well: bool, claim: Claim, now: datetime) -> None:
    claim.paid(debt.id, _result(debt, well, now), now)


def _result(debt: AnyDebt, well: bool, now: datetime) -> BaseModel:
    match debt.kind:
        case "notice":
            outcome = "accepted" if well else "refused"
            return NoticeResult(outcome=outcome, at=now, token_digest=DIGEST)
        case "seal":
            states = dict.fromkeys(debt.facts.files, "sealed" if well else "missing")
            return SealResult.model_validate({"states": states})
        case "look":
            return looked(debt.facts.files, well)
        case "directory":
            if well:
                return DirectoryResult(outcome="confirmed", at=now)
            return DirectoryResult(outcome="refused", at=now, problems=[NO])
        case "award":
            return Answer(outcome="granted") if well else FASTER.model_copy(deep=True)
        case "enter":
            return Answer(outcome="entered")
        case "release":
            return Answer(outcome="released")
        case "hand_off" | "recall" | "result" | "event":
            return EventResult(outcome="taken" if well else "refused", at=now)
        case "record":
            return RecordResult(outcome="kept" if well else "refused", at=now)
        case "conflict":
            raise AssertionError("a person decides")
