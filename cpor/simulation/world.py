"""The systems around all claims: when each is down, and what it answers."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from random import Random
from typing import Any

from pydantic import BaseModel

from cpor import calendars
from cpor.rules.deadlines import Calendar, Calendars
from cpor.rules.debts import AnyDebt
from cpor.rules.effects.directory import DirectoryResult
from cpor.rules.effects.events import EventResult
from cpor.rules.effects.evidence import SealResult
from cpor.rules.effects.look import FileFound, LookResult
from cpor.rules.effects.notice import Notice, NoticeResult, digest_of_token
from cpor.rules.effects.record import RecordResult
from cpor.rules.pinning import PinnedRules, PinQuestion
from cpor.rules.proof_sheet import Tally
from cpor.simulation.luck import Luck

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
SYSTEM_OF: Mapping[str, str] = {
    "notice": "mail",
    "seal": "store",
    "look": "store",
    "record": "store",
    "directory": "directory",
    "hand_off": "engine",
    "recall": "engine",
    "result": "engine",
    "event": "portal",
    **dict.fromkeys(("enter", "award", "release"), "associations"),
}
"""Who pays a debt, by its kind."""
SYSTEMS = ("mail", "store", "directory", "engine", "portal", "workers")
UNREADABLE = FileFound(verdict="refused", findings=["encrypted"])
LONGEST: Mapping[str, int] = {"mail": 9, "store": 3, "engine": 6}
"""Once a year for so many days."""
SHORT_OUTAGES = 10
"""In a year, of each system, for some hours."""


@dataclass(frozen=True)
class Outages:
    """Of one system: when each begins and ends, in order, none within another."""

    begins: Sequence[datetime] = ()
    ends: Sequence[datetime] = ()

    @classmethod
    def drawn(cls, dice: Random, since: datetime, days: int, longest: int) -> Outages:
        count = max(1, SHORT_OUTAGES * days // 365)
        drawn: list[tuple[datetime, timedelta]] = []
        for _ in range(count):
            drawn.append((since + days * dice.random() * DAY, dice.uniform(0.2, 20) * HOUR))
        if longest:
            drawn.append((since + days * dice.random() * DAY, longest * DAY))
        begins: list[datetime] = []
        ends: list[datetime] = []
        for begin, length in sorted(drawn):
            if ends and begin <= ends[-1]:
                ends[-1] = max(ends[-1], begin + length)
            else:
                begins.append(begin)
                ends.append(begin + length)
        return cls(begins, ends)

    def over_at(self, at: datetime) -> datetime:
        """When it is up: this very instant, or the end of its outage."""
        number = bisect_right(self.begins, at) - 1
        return max(at, self.ends[number]) if number >= 0 else at


@dataclass
class World:
    luck: Luck
    edition: str
    outages: Mapping[str, Outages] = field(default_factory=dict[str, Outages])

    @classmethod
    def drawn(cls, seed: int, luck: Luck, edition: str, since: datetime, days: int) -> World:
        dice = Random(f"{seed}: outages")
        outages = {name: Outages.drawn(dice, since, days, LONGEST.get(name, 0)) for name in SYSTEMS}
        return cls(luck, edition, outages)

    def up_at(self, system: str, at: datetime) -> datetime:
        outages = self.outages.get(system)
        return outages.over_at(at) if outages else at

    def rules(self, question: PinQuestion) -> PinnedRules:
        first = question.at.date().replace(day=1) - 31 * DAY
        return PinnedRules(
            edition=question.edition or self.edition,
            calendars=Calendars(
                reviewer=reviewers_days(first),
                partner=_days(question.partner_country, first),
                customer=_days(question.customer_country, first),
            ),
            directory=True,
            portal=True,
            result_days=5,
            one_holder=True,
            looks=True,
        )

    def answer(self, dice: Random, debt: AnyDebt, payment: BaseModel, at: datetime) -> BaseModel:
        well = dice.random() >= self.luck.refused
        match debt.kind:
            case "notice":
                return NoticeResult(
                    outcome="accepted" if well else "refused",
                    at=at,
                    detail="" if well else "550 no such mailbox",
                    printed_end=_printed_end(payment, at),
                    token_digest=digest_of_token(token_of(debt.id)) if well else "",
                )
            case "seal":
                well = dice.random() >= self.luck.file_unusable
                state = "sealed" if well else dice.choice(["missing", "changed"])
                states: Any = dict.fromkeys(debt.facts.files, state)
                return SealResult(states=states)
            case "look":
                well = dice.random() >= self.luck.file_unusable
                found = FileFound(verdict="clean") if well else UNREADABLE
                files = dict.fromkeys(debt.facts.files, found)
                return LookResult(files=files, lines={"product": Tally(found=1)})
            case "directory":
                well = dice.random() >= self.luck.directory_says_no
                return DirectoryResult(
                    outcome="confirmed" if well else "refused",
                    at=at,
                    problems=[] if well else ["The domain does not belong to the tenant."],
                    mpn_id="4912345",
                )
            case "hand_off" | "recall" | "result" | "event":
                return EventResult(outcome="taken" if well else "refused", at=at, detail="422")
            case "record":
                return RecordResult(outcome="kept" if well else "refused", at=at, detail="denied")
            case "enter" | "award" | "release":
                raise AssertionError("the associations of its tenant answer")
            case "conflict":
                raise AssertionError("a person decides")


def token_of(notice_id: str) -> str:
    """What a report brings that this mail came back."""
    return f"token of {notice_id}"


@cache
def reviewers_days(first: date) -> Calendar:
    return _resolved("US", first, "WA", "America/Los_Angeles")


@cache
def _days(country: str, first: date) -> Calendar:
    return _resolved(country, first)


def _resolved(
    country: str, first: date, subdivision: str | None = None, zone: str | None = None
) -> Calendar:
    found = calendars.resolve(country, first, 400, subdivision, zone)
    return Calendar.model_validate(found, from_attributes=True)


def _printed_end(payment: BaseModel, at: datetime) -> datetime | None:
    promise = payment.promise if isinstance(payment, Notice) else None
    if promise is None or promise.window.unit != "days" or promise.extended:
        return None
    return at + promise.window.amount * DAY
