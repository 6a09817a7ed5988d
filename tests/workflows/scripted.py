"""Sequences as plain data, and a world made up for them: two ways to play them must agree.

Here is the pure way. What the made-up world answers depends on what it is asked and on nothing
else, so that it answers the same to the rules alone and to the real engine.
"""

from __future__ import annotations

import copy
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any, Literal

from pydantic import BaseModel

from activities.mail.letters import end_of_promise
from cpor.rules.bounds import Unreadable
from cpor.rules.claim import Claim
from cpor.rules.debts import AnyDebt
from cpor.rules.editions import names
from cpor.rules.effects.directory import DirectoryQuestion, DirectoryResult
from cpor.rules.effects.events import Event, EventResult
from cpor.rules.effects.evidence import Seal, SealResult
from cpor.rules.effects.look import Look
from cpor.rules.effects.notice import Notice, NoticeResult
from cpor.rules.effects.record import Record, RecordResult
from cpor.rules.errors import Refused
from cpor.rules.messages import MESSAGES, Receipt
from cpor.rules.pinning import PinnedRules, PinQuestion
from tests.rules.looks import looked
from tests.rules.play import DIGEST
from tests.rules.sequences import Place, Said, Talk, one_in, some_opening, weighted

START = datetime(2031, 3, 3, 9, 5, tzinfo=UTC)
"""A Monday. Real time goes on a little while a sequence is played on the engine, so whatever is
said is said five minutes past some hour: far from the midnights of all zones."""
OPENED = START - timedelta(days=1000)
"""As good as any day: on the engine a draft is opened today, and waits."""
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
ROOM = timedelta(minutes=25)
"""Nothing may happen by itself so short before or after something is said."""
COUNTRIES_WITH_DIRECTORY = ("DE", "SE", "IN", "SA", "JP")

Answer = Receipt | tuple[str, str] | None


PAUSE = HOUR
"""Who is busy asks for it: longer than the first tries may take, so these are over at once."""


class NotYet(Exception):
    """To be tried again, after the pause."""


class Never(Exception):
    """Not to be tried again."""


@dataclass(frozen=True)
class Step:
    what: Literal["update", "signal", "cancel", "wait"]
    name: str = ""
    payloads: Sequence[Any] = ()
    until: datetime = START

    @property
    def as_heard(self) -> list[object]:
        """Of a message that is none, nothing is decoded."""
        if self.name in MESSAGES:
            return list(self.payloads)
        return [Unreadable() for _ in self.payloads]


@dataclass(frozen=True)
class Script:
    """What is handed to a claim, from the first to the last."""

    opening: dict[str, Any]
    steps: list[Step]

    @property
    def claim_id(self) -> str:
        return str(self.opening["claim_id"])


def rules_here(question: PinQuestion) -> PinnedRules:
    """The settings of the made-up world follow from the countries.

    Files are looked into where no directory is asked: a directory's no ends a look that may be
    under way, and on the engine nobody knows which of the two comes first.
    """
    number = zlib.crc32(question.customer_country.encode())
    has_directory = question.partner_country in COUNTRIES_WITH_DIRECTORY
    here = Place(
        edition=names()[number % len(names())],
        directory=has_directory,
        looks=not has_directory,
    )
    return here.rules(question)


@dataclass
class MadeUpWorld:
    """Takes mails, files, questions and events, or refuses them, as their ids have it."""

    tries: Counter[str] = field(default_factory=Counter[str])
    records: dict[str, Record] = field(default_factory=dict[str, Record])

    def result(self, payment: object, now: datetime) -> BaseModel:
        match payment:
            case Notice():
                if not self._agrees(payment.notice_id, 13 if payment.kind == "consent" else 18):
                    return NoticeResult(outcome="refused", at=now, detail="550 no such mailbox")
                end = end_of_promise(payment, now)
                return NoticeResult(
                    outcome="accepted", at=now, printed_end=end, token_digest=DIGEST
                )
            case Seal():
                return SealResult(
                    states={
                        each.sha256: "sealed"
                        if self._agrees(f"{payment.claim_id}{each.sha256}", 18)
                        else "missing"
                        for each in payment.files
                    }
                )
            case Look():
                return looked(
                    [each.sha256 for each in payment.files],
                    self._agrees(f"{payment.claim_id}{payment.files[0].sha256}.look", 18),
                )
            case DirectoryQuestion():
                # Late, it would be asked side by side with the mails that wait for it.
                if self._agrees(payment.id, 11, at_once=True):
                    return DirectoryResult(outcome="confirmed", at=now)
                problems = ["The domain does not belong to the tenant."]
                return DirectoryResult(outcome="refused", at=now, problems=problems)
            case Event():
                taken = self._agrees(payment.id)
                return EventResult(outcome="taken" if taken else "refused", at=now, detail="422")
            case Record():
                self.records[payment.claim_id] = payment
                return RecordResult(outcome="kept", at=now)
            case _:
                raise AssertionError(payment)

    def _agrees(self, effect: str, likely: int = 16, at_once: bool = False) -> bool:
        """Not always, and not always at once; but the second time it gives an answer."""
        self.tries[effect] += 1
        number = zlib.crc32(f"{effect} {self.tries[effect]}".encode())
        may_fail = self.tries[effect] == 1 and not at_once
        if may_fail and number % 27 == 0:
            raise NotYet("the world is busy")
        if may_fail and number % 27 == 1:
            raise Never("the world will not have it")
        return number % 20 < likely


class PlayedByTheRules:
    """A claim that is driven as the workflow drives it, in no time.

    Only what is owed is paid in the order of the debts; on the engine nobody knows the order.
    """

    def __init__(self, opening: dict[str, Any]) -> None:
        self.now = OPENED
        self.world = MadeUpWorld()
        self.claim = Claim.open(opening, OPENED)
        self.answers: list[Answer] = []
        self._last_ring = OPENED
        self._settles()
        self.now = START

    def play(self, step: Step) -> None:
        self.now += timedelta(seconds=1)
        match step.what:
            case "update":
                self.answers.append(self._told(step))
            case "signal":
                self.claim.hear(step.name, step.as_heard, self.now)
            case "cancel":
                self.claim.cancellation_asked(self.now)
            case "wait":
                self._waits(step.until)
        self._settles()

    def is_quiet_after(self, step: Step) -> bool:
        """Whether nothing happens by itself shortly before the step's end or after it."""
        ahead = copy.deepcopy(self)
        ahead.play(step)
        wake = ahead.claim.next_wake()
        rang = step.what == "wait" and ahead._last_ring > ahead.now - ROOM
        return not rang and (wake is None or wake.at > ahead.now + ROOM)

    def _told(self, step: Step) -> Answer:
        try:
            return self.claim.take(step.name, step.as_heard, self.now)
        except Refused as refused:
            return refused.code, refused.text

    def _waits(self, until: datetime) -> None:
        while (wake := self.claim.next_wake()) and wake.at <= until:
            self.now = self._last_ring = max(wake.at, self.now)
            self.claim.tick(self.now)
            self._settles()
        self.now = until

    def _settles(self) -> None:
        """Whatever can be paid is, one debt after the other."""
        while True:
            if question := self.claim.pin_question(self.now):
                self.claim.pin(question, rules_here(question), self.now)
            if not self.claim.state.payable:
                return
            self._pay(self.claim.state.payable[0])

    def _pay(self, debt: AnyDebt) -> None:
        try:
            result = self.world.result(self.claim.begin(debt, "run-1"), self.now)
        except NotYet as busy:
            self.claim.late(debt.id, str(busy), self.now, PAUSE)
        except Never as no:
            self.claim.park(debt.id, str(no), self.now)
        else:
            self.claim.paid(debt.id, result, self.now)


def _says(name: str, role: str, who: str, **fields: Any) -> Step:
    return Step("update", name, [{"by": {"role": role, "id": who}, **fields}])


_SUBMITS = _says("submit", "partner", "ada")
_APPROVES = _says("approve", "reviewer", "kim")
_REJECTS = _says("reject", "reviewer", "kim", reasons=[{"reason": "insufficient_poe"}])
_DISPUTES = _says("dispute", "partner", "ada", justification="Page 3.")
_A_WEEK_PASSES = Step("wait", until=START + 9 * DAY + 4 * HOUR)
BEGINNINGS: Sequence[Sequence[Step]] = (
    [],
    [_SUBMITS],
    [_SUBMITS],
    [_SUBMITS, _APPROVES],
    [_SUBMITS, _APPROVES],
    [_SUBMITS, _APPROVES, _A_WEEK_PASSES],
    [_SUBMITS, _APPROVES, _A_WEEK_PASSES],
    [_SUBMITS, _REJECTS, _DISPUTES],
)


def written(seed: int) -> tuple[Script, PlayedByTheRules]:
    """A script, and what became of the claim that it was written for while it was written."""
    dice = Random(seed)
    talk = Talk(dice)
    opening = some_opening(dice, f"SAME-{seed:04}", submit=False)
    play = PlayedByTheRules(opening)
    script = Script(opening, [])
    length = dice.choice([5, 9, 13])
    beginning = list(BEGINNINGS[seed % len(BEGINNINGS)])
    while len(script.steps) < length and not play.claim.state.is_over:
        if beginning and play.is_quiet_after(beginning[0]):
            step = beginning.pop(0)
        else:
            step = _next(script.steps, play, talk, dice)
            if not play.is_quiet_after(step):
                continue
        play.play(step)
        script.steps.append(step)
    return script, play


def _next(before: Sequence[Step], play: PlayedByTheRules, talk: Talk, dice: Random) -> Step:
    what = weighted(dice, {"likely": 12, "anything": 2, "again": 2, "cancel": 1, "wait": 6})
    match what:
        case "wait":
            return Step("wait", until=_later(play, dice))
        case "cancel" if not any(step.what == "cancel" for step in before):
            return Step("cancel")  # of a second one the engine takes no notice
        case "likely":
            return _step(talk.likely(play.claim))
        case "again":
            return _step(talk.again(play.claim))
        case _:
            is_readable = one_in(dice, 2)
            return _step((talk.anything if is_readable else talk.unreadable)(play.claim))


def _step(said: Said) -> Step:
    # The engine itself refuses a message without a name.
    return Step("signal" if said.signal else "update", said.name or "nothing", said.payloads)


def _later(play: PlayedByTheRules, dice: Random) -> datetime:
    days = dice.choice([1, 2, 5, 8, 8, 8, 15, 31])
    until = play.now + days * DAY + dice.randrange(24) * HOUR
    while not play.is_quiet_after(Step("wait", until=until)):
        until += HOUR
    return until
