"""What might be said to a claim, likely or not, and where in the world it might be said.

Everything is plain data, chosen by dice that are handed in: Hypothesis's own, which it can shrink,
or a `Random` of a fixed seed. Likely things are chosen more often, or no play would get far.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cache
from random import Random
from typing import Any, TypeVar, cast

from cpor.rules.bounds import Unreadable
from cpor.rules.claim import Claim
from cpor.rules.deadlines import Calendar, Calendars
from cpor.rules.editions import names
from cpor.rules.lifecycle import Status
from cpor.rules.messages import MESSAGES
from cpor.rules.pinning import PinnedRules, PinQuestion
from tests import calendars
from tests.examples import dynamics_opening, opening, proof
from tests.rules.play import NEEDS, SAYS, TOKEN

T = TypeVar("T")

COUNTRIES = ("DE", "SE", "US", "SA", "IL", "IN", "NP", "KI", "JP", "XX")
"""Weekends of Friday and Saturday or of one day, odd zones, the day line, a country not known."""
ROLES = ("partner", "reviewer", "customer", "operator", "system")
PARTNER_ROLES = ("incentives_admin", "incentives_user", "billing_admin", "global_admin")
REVIEWERS = ("kim", "kim", "lee", "lee", "Kim", "mo")
INTERNAL = "between reviewers"
"""Stands in all that only reviewers may read, and nowhere else."""
UNREADABLE: tuple[list[object], ...] = (
    [],
    [{}, {}],
    [None],
    ["approve"],
    [[]],
    [Unreadable()],
    [{"id": "m-1"}],
    [{"id": "m-1", "by": {"role": "partner", "id": "ada"}, "more": 1}],
    [{"id": 7, "by": "ada"}],
)

_LIV = {"name": "Liv Ek", "email": "liv@contoso.example"}
_ASK = (
    [{"reason": "missing_all_poe"}],
    [{"reason": "other", "note": "Page 3?"}],
    [{"reason": "missing_or_old_dates"}, {"reason": "missing_customer_acknowledgement"}],
)
_MONTH = timedelta(days=31)


@dataclass(frozen=True)
class Said:
    """One message, as anybody might send it."""

    name: str
    payloads: list[object]
    signal: bool = False


@dataclass(frozen=True)
class Place:
    """What the world around a claim is like: settings, the days that are worked, a directory."""

    edition: str = "2020"
    directory: bool = False
    real_days: bool = True
    portal: bool = False
    one_holder: bool = False
    looks: bool = False

    def rules(self, question: PinQuestion) -> PinnedRules:
        return PinnedRules(
            edition=question.edition or self.edition,
            calendars=self._calendars(question),
            directory=self.directory,
            portal=self.portal,
            one_holder=self.one_holder,
            looks=self.looks,
        )

    def _calendars(self, question: PinQuestion) -> Calendars:
        if not self.real_days:
            return Calendars()
        first = question.at.date().replace(day=1) - _MONTH
        return Calendars(
            reviewer=_of_reviewers(first),
            partner=_calendar(question.partner_country, first, question.partner_zone),
            customer=_calendar(question.customer_country, first, question.customer_zone),
        )


@cache
def _of_reviewers(first: date) -> Calendar:
    return calendars.resolve("US", first, subdivision="WA", zone="America/Los_Angeles")


@cache
def _calendar(country: str, first: date, zone: str | None) -> Calendar:
    return calendars.resolve(country, first, zone=zone)


def weighted(dice: Random, weights: Mapping[T, int]) -> T:
    return dice.choice([each for each, weight in weights.items() for _ in range(weight)])


def one_in(dice: Random, count: int) -> bool:
    return dice.randrange(count) == count - 1


def place(dice: Random) -> Place:
    here = Place(
        edition=dice.choice(names()),
        directory=not one_in(dice, 3),
        real_days=not one_in(dice, 4),
        portal=one_in(dice, 3),
        one_holder=one_in(dice, 2),
    )
    return replace(here, looks=here.one_holder != here.portal)


def some_opening(dice: Random, claim_id: str, submit: bool) -> dict[str, Any]:
    """A claim that is right in everything: any program, any countries, any edition."""
    program, activity = dice.choice(
        [
            ("osu-m365", "usage"),
            ("osu-m365", "usage"),
            ("osu-business-applications", "usage"),
            ("osa-sell", "presales"),
            ("osa-sell", "revenue-association"),
        ]
    )
    kind = opening if program == "osu-m365" else dynamics_opening
    data = kind(claim_id, program=program, activity=activity, submit=submit)
    data["partner"] = {**data["partner"], "country": dice.choice(COUNTRIES)}
    data["customer"] = {**data["customer"], "country": dice.choice(COUNTRIES)}
    data["edition"] = dice.choice([None, *names(), "2023"])
    data["by"] = {**data["by"], "partner_role": dice.choice([None, "incentives_admin"])}
    return data


@dataclass
class Talk:
    """Who talks to one claim: knows what is likely, and what was said before."""

    dice: Random
    before: list[Said] = field(default_factory=list[Said])
    ids: int = 0

    def likely(self, claim: Claim) -> Said:
        """What somebody with his wits about him might say now."""
        return self.said(claim, weighted(self.dice, _likely(claim)))

    def anything(self, claim: Claim) -> Said:
        """Any message in any status, now and then by somebody whose message it is not."""
        name = self.dice.choice([*MESSAGES])
        if not one_in(self.dice, 3):
            return self.said(claim, name)
        other = {"role": self.dice.choice(ROLES), "id": self.dice.choice(["contact", "kim", "x"])}
        return self.said(claim, name, other)

    def again(self, claim: Claim) -> Said:
        """The same once more, or something else under an id that was used."""
        if not self.before:
            return self.likely(claim)
        first = self.dice.choice(self.before)
        if not one_in(self.dice, 3):
            return Said(first.name, first.payloads, self._as_signal())
        other = self.likely(claim)
        ids = [self.ids_of(first) or "unnamed-1", "m-1", " m-1 ", "unnamed-2"]
        (content,) = other.payloads
        assert isinstance(content, dict)
        return self._remember(
            Said(other.name, [{**content, "id": self.dice.choice(ids)}], self._as_signal())
        )

    def unreadable(self, claim: Claim) -> Said:
        name = self.dice.choice([*MESSAGES, "approve ", "", "nonsense"])
        return self._remember(Said(name, self.dice.choice(UNREADABLE), self._as_signal()))

    @staticmethod
    def ids_of(said: Said) -> str | None:
        content = said.payloads[0] if said.payloads else None
        return cast("dict[str, Any]", content).get("id") if isinstance(content, dict) else None

    def said(self, claim: Claim, name: str, by: Mapping[str, str] | None = None) -> Said:
        content = {"by": dict(by or self._by(name)), **self._fields(claim, name)}
        if one_in(self.dice, 2):
            self.ids += 1
            content["id"] = f"m-{self.ids}"
        return self._remember(Said(name, [content], self._as_signal()))

    def _remember(self, said: Said) -> Said:
        self.before.append(said)
        return said

    def _as_signal(self) -> bool:
        return one_in(self.dice, 3)

    def _by(self, name: str) -> Mapping[str, Any]:
        usual = SAYS[name]
        match usual["role"]:
            case "reviewer":
                return {**usual, "id": self.dice.choice(REVIEWERS)}
            case "customer":
                return {
                    **usual,
                    "id": self.dice.choice(["contact", "contact", "technical_contact"]),
                }
            case "partner" if one_in(self.dice, 4):
                return {**usual, "partner_role": self.dice.choice(PARTNER_ROLES)}
            case "partner" if name == "comment" and one_in(self.dice, 2):
                return {"role": "reviewer", "id": "kim"}
            case _:
                return usual

    def _fields(self, claim: Claim, name: str) -> Mapping[str, Any]:
        dice, product = self.dice, claim.state.products[0]
        match name:
            case "edit":
                return {"changes": self._changes(claim)}
            case "add_evidence":
                return {"evidence": self._files()}
            case "withdraw_evidence":
                mine = [file.sha256 for file in claim.state.evidence]
                return {"evidence": [dice.choice([*mine, "c" * 64])]}
            case "dispute" if one_in(dice, 3):
                return {"evidence": self._files()}
            case "comment" if one_in(dice, 3):
                return {"text": INTERNAL, "internal": True}
            case "submit" if one_in(dice, 3):
                return {"comment": "See page 3."}
            case "request_info":
                removal = {"reason": "missing_products", "product": product.name, "remove": True}
                return {"requests": dice.choice([*_ASK, [removal]]), **self._seen(claim)}
            case "reject":
                named = {"reason": "missing_products", "product": product.code}
                grounds = [named, {"reason": "insufficient_poe"}, {"reason": "insufficient_poe"}]
                more = {"note": "The dates are missing."} if one_in(dice, 3) else {}
                return {"reasons": [dice.choice(grounds)], **more, **self._seen(claim)}
            case "approve":
                sure = {"contacts_confirmed": True, "seen": len(claim.state.history)}
                told = sure if one_in(dice, 2) else self._seen(claim)
                return {**({"note": INTERNAL} if one_in(dice, 3) else {}), **told}
            case "confirm_contact":
                who = dice.choice(["contact", "contact", "technical_contact"])
                return {"contact": who, "seen": len(claim.state.history)}
            case "decline":
                rounds = [asked.notice_id for asked in claim.state.asked.values()]
                link = dice.choice([*rounds, f"{claim.state.claim_id}.consent.1.contact"])
                return {"notice_id": link} if one_in(dice, 3) else {"note": "Not with us."}
            case "assign":
                return {"reviewer": dice.choice(REVIEWERS)}
            case "extend":
                clock = {"clock": dice.choice(_CLOCKS)} if one_in(dice, 2) else {}
                return {"business_days": dice.choice([1, 3, 10]), "why": "A holiday.", **clock}
            case "bounced":
                token = TOKEN if len(claim.state.history) % 8 else "a guess"
                notice_id = self._sent(claim)
                return {"notice_id": notice_id, "token": token, "detail": "550 no such mailbox"}
            case "eligibility_result":
                return {"outcome": dice.choice(["eligible", "not_eligible"])}
            case _:
                return NEEDS.get(name, {})

    def _seen(self, claim: Claim) -> Mapping[str, int]:
        last = len(claim.state.history)
        return {"seen": self.dice.choice([last, last, last - 2])} if one_in(self.dice, 3) else {}

    def _files(self) -> list[Mapping[str, Any]]:
        number = self.dice.randrange(4)
        return [proof() if number == 0 else proof(b"%d" % number, f"page-{number}.pdf")]

    def _sent(self, claim: Claim) -> str:
        """A notice that was sent: the customer's more often than others, the latest above all."""
        arrived = [*claim.state.arrivals]
        asked = [each for each in arrived if ".consent." in each]
        under_way = [debt.id for debt in claim.state.debts if debt.kind == "notice" and debt.begun]
        latest = [each.notice_id for each in claim.state.asked.values()]
        counts = [each for each in latest if each in arrived]
        sent = [*arrived, *asked, *under_way, *latest, *counts * 8]
        return self.dice.choice(sent or [f"{claim.state.claim_id}.submitted.1.partner"])

    def _changes(self, claim: Claim) -> Mapping[str, Any]:
        domain = self.dice.choice(["contoso.example", "contoso.example", "elsewhere.example"])
        liv = {**_LIV, "email": f"liv{self.dice.randrange(5)}@{domain}"}
        contacts: list[Mapping[str, Any]] = [
            {"customer_contact": liv},
            {"technical_contact": liv},
            {"customer_contact": liv, "technical_contact": _LIV},
        ]
        if claim.state.status is Status.APPROVED:
            return self.dice.choice([*contacts, {"partner_contact": _LIV}])
        others: Sequence[Mapping[str, Any]] = (
            {"mpn_id": f"765432{self.dice.randrange(10)}"},
            {"partner_contact": _LIV},
            {"technical_contact": None},
            {"products": [{"name": "Teams"}]},
            {"products": [{"name": "Teams"}, {"name": "Teams"}]},
            {"program": "osa-sell", "activity": "presales"},
            {"name": "Another name"},
        )
        return self.dice.choice([*contacts, *others])


_CLOCKS = ("wait_for_review", "review", "overall", "answer", "consent", "dispute", "dispute_answer")
_TALK = {"edit": 3, "add_evidence": 2, "withdraw_evidence": 1, "comment": 3}
_REPAIRS = {"retry": 1, "bounced": 1}


def _likely(claim: Claim) -> Mapping[str, int]:
    """How likely each message is now."""
    match claim.state.status:
        case Status.EDITING:
            return {**_TALK, "submit": 12, "withdraw": 1}
        case Status.SUBMITTED:
            deeds = {"start_review": 6, "approve": 6, "request_info": 4, "reject": 2, "withdraw": 1}
            return {**_TALK, **_REPAIRS, **deeds, "assign": 1, "extend": 1}
        case Status.UNDER_REVIEW:
            deeds = {"approve": 9, "request_info": 4, "reject": 4, "withdraw": 1}
            return {**_TALK, **_REPAIRS, **deeds, "assign": 1, "extend": 1}
        case Status.PARTNER_ACTION:
            return {**_TALK, **_REPAIRS, "submit": 12, "extend": 1, "assign": 1, "withdraw": 1}
        case Status.APPROVED if claim.state.is_official:
            decline = 9 if claim.state.rules_in_force.decline_after_consent else 1
            answers = {"end_association": 2, "keep_association": 3} if claim.state.doubts else {}
            deeds = {"disassociate": 4, "eligibility_result": 4, "decline": decline}
            return {**_REPAIRS, **deeds, **answers, "retry": 3, "comment": 2, "add_evidence": 1}
        case Status.APPROVED:
            deeds = {"edit": 6, "bounced": 12, "retry": 4, "decline": 2, "extend": 2}
            answers = {"end_association": 1, "keep_association": 4, "confirm_contact": 6}
            return {**deeds, **answers, "comment": 1, "add_evidence": 1, "withdraw": 1}
        case Status.REJECTED if claim.state.may_be_disputed:
            return {**_REPAIRS, "dispute": 9, "comment": 1, "extend": 1}
        case Status.DISPUTED:
            deeds = {"approve": 8, "reject": 6, "request_info": 5, "assign": 3, "withdraw": 1}
            return {**_TALK, **_REPAIRS, **deeds, "extend": 1}
        case _:
            return {"retry": 6, "bounced": 4, "eligibility_result": 3, "comment": 1}
