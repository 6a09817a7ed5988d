"""The associations of one tenant decide who holds an item, and do nothing.

Like a claim they ask no clock and never talk to the world: `take` answers a claim's call,
`state.news` is what other claims must be told of it, and `told` crosses that off.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime

from cpor.rules.associations import calls, memory
from cpor.rules.associations.accounts import Account
from cpor.rules.associations.calls import (
    DIGITS,
    MOST_NAMED,
    Answer,
    AnyCall,
    Award,
    Enter,
    Outcome,
    Picture,
    Release,
    Rival,
)
from cpor.rules.associations.state import MOST_OPEN, ByHand, Holder, Interest, News, State, Told
from cpor.rules.associations.table import Audience, Row, rows
from cpor.rules.errors import shortened

MOST_REFUSED = 20


class Associations:
    def __init__(self, state: State) -> None:
        self.state = state

    def check(self, name: str, payloads: Sequence[object]) -> None:
        """Raise what `take` would raise, and change nothing."""
        calls.read(name, payloads, self.state.tenant_id)

    def take(self, name: str, payloads: Sequence[object]) -> Answer:
        """Answer a claim's call, or raise `Invalid` and leave nothing behind."""
        known, call = self.state, calls.read(name, payloads, self.state.tenant_id)
        last = known.round_of(call.claim_id)
        if call.round < last:
            return Answer(outcome="overtaken", last=last, step=known.step)
        if call.round == last:
            return self._answer(call, _as_it_stands(known, call))
        row = next(row for row in rows() if _fits(known, row, call))
        _follow(known, row, call)
        return self._answer(call, row.answer)

    def told(self, news_id: str) -> None:
        """The claim has been told this news."""
        self.state.news = [each for each in self.state.news if each.id != news_id]

    def found_gone(self, news: News) -> None:
        """The claim that was to be told is over, or has left: its items are free."""
        self.told(news.id)
        known = self.state
        if known.round_of(news.to) == news.round and news.to in known.claims:
            gone = Release(
                tenant_id=known.tenant_id,
                claim_id=news.to,
                round=news.round + 1,
                at=news.at,
                ended="gone",
                proofs=[],
            )
            self.take(gone.name, [gone.model_dump()])

    def begin_with(self, accounts: Iterable[Account]) -> None:
        """Begin with what claims say of themselves, after the associations were lost."""
        for each in sorted(accounts, key=lambda each: each.since):
            is_known = each.claim_id in self.state.claims
            if each.tenant_id == self.state.tenant_id and not is_known:
                _take_up(self.state, each)
        # What was not told yet is lost with those before: each hears how it stands.
        for claim_id, own in self.state.claims.items():
            at = own.first_submitted_at
            _owe(self.state, "rivals", claim_id, own.items, claim_id, own.round, at)

    def picture(self, claim_id: str) -> Picture:
        """What an open claim should know of other claims."""
        own = self.state.claims[claim_id]
        rivals = _rivals(self.state, claim_id, own.items)
        return Picture(
            step=self.state.step,
            rivals=rivals[:MOST_NAMED],
            more_rivals=max(len(rivals) - MOST_NAMED, 0),
            earlier=memory.about(self.state, own.items, own.mpn_id, MOST_NAMED),
        )

    def refuse(self, what: str, now: datetime) -> None:
        """Write down a signal by hand, or a cancellation. Nothing else happens."""
        kept = [*self.state.refused, ByHand(what=shortened(what), at=now)]
        self.state.refused = kept[-MOST_REFUSED:]

    def _answer(self, call: AnyCall, outcome: Outcome) -> Answer:
        if call.claim_id not in self.state.claims:
            return Answer(outcome=outcome, step=self.state.step)
        return Answer(outcome=outcome, **dict(self.picture(call.claim_id)))


def _take_up(known: State, account: Account) -> None:
    """If two claims say that they hold an item, the later one displaced the earlier one, which has
    not heard of it yet."""
    known.step += 1
    known.claims[account.claim_id] = Interest(
        heard=Award.name if account.holds else Enter.name,
        proofs=[digest[:DIGITS] for digest in account.proofs],
        **account.model_dump(include={*Interest.model_fields} - {"proofs"}),
    )
    if account.holds:
        lost = _give(known, account.claim_id, account.items, account.since)
        for claim_id, items in lost.items():
            _owe(
                known, "displaced", claim_id, items, account.claim_id, account.round, account.since
            )


def _as_it_stands(known: State, call: AnyCall) -> Outcome:
    """The answer to a call that came before. The claim may have lost its items since."""
    own = known.claims.get(call.claim_id)
    match call:
        case Enter() if own is not None and own.heard == call.name:
            return "entered"
        case Award() if own is not None and own.heard == call.name:
            return "granted" if known.standing(call.claim_id) == "holds" else "not_granted"
        case Release() if own is None:
            return "released"
        case _:
            return "overtaken"


def _fits(known: State, row: Row, call: AnyCall) -> bool:
    if (row.stands, row.hears) != (known.standing(call.claim_id), call.name):
        return False
    match row.provided:
        case "":
            return True
        case "no room":
            return len(known.claims) >= MOST_OPEN
        case "other items":
            return set(_items(call)) != set(known.claims[call.claim_id].items)
        case "free":
            return not known.holders_of(_items(call))
        case "displaces every holder":
            return isinstance(call, Award) and known.holders_of(_items(call)) <= {*call.displaces}


def _follow(known: State, row: Row, call: AnyCall) -> None:
    """Do what the row of the table says, and note whom it tells."""
    known.step += 1
    before = known.claims.get(call.claim_id)
    lost: dict[str, list[str]] = {}
    freed: list[str] = []
    if (row.stands, row.becomes) != ("holds", "holds"):
        freed = _free(known, call.claim_id)
    if row.stands != "holds" and row.becomes == "holds":
        lost = _give(known, call.claim_id, _items(call), call.at)
        freed = [item for items in lost.values() for item in items]
    if isinstance(call, Enter) and row.becomes == "asks":
        known.claims[call.claim_id] = _interest(call)
    if isinstance(call, Release):
        memory.remember(known, known.claims.pop(call.claim_id, None), call)
        known.news = [each for each in known.news if each.to != call.claim_id]
    if own := known.claims.get(call.claim_id):
        own.round, own.heard = call.round, call.name
    told: set[str] = set()
    reviewer = call.reviewer if isinstance(call, Award) else None
    touched = {*(before.items if before else ()), *_items(call)}
    for kind, audience in row.tells:
        concerned = _concerned(known, audience, lost, freed, touched, call.claim_id)
        for to, items in [each for each in concerned if each[0] not in told]:
            _owe(known, kind, to, items, call.claim_id, call.round, call.at, reviewer)
            told.add(to)


def _give(
    known: State, claim_id: str, items: Collection[str], since: datetime
) -> dict[str, list[str]]:
    """Let it hold the items. Returns which items each earlier holder has lost."""
    lost = {each: _free(known, each) for each in sorted(known.holders_of(items))}
    known.holders.update(dict.fromkeys(items, Holder(claim_id=claim_id, since=since)))
    return lost


def _free(known: State, claim_id: str) -> list[str]:
    """Nobody holds its items any more."""
    held = known.held_by(claim_id)
    for item in held:
        del known.holders[item]
    return held


def _items(call: AnyCall) -> list[str]:
    return [] if isinstance(call, Release) else call.items


def _interest(call: Enter) -> Interest:
    return Interest(
        round=call.round,
        heard=call.name,
        mpn_id=call.mpn_id,
        items=call.items,
        first_submitted_at=call.first_submitted_at,
        proof_at=call.proof_at,
        proofs=[digest[:DIGITS] for digest in call.proofs],
    )


def _concerned(
    known: State,
    audience: Audience,
    lost: Mapping[str, list[str]],
    freed: list[str],
    touched: Collection[str],
    by: str,
) -> Iterator[tuple[str, list[str]]]:
    """Who is told, and of which items. Each claim is told once in a step, of everything."""
    match audience:
        case "who held":
            yield from lost.items()
        case "who asks":
            free = [item for item in freed if item not in known.holders]
            for claim_id, interest in known.claims.items():
                items = [item for item in interest.items if item in free]
                if items and claim_id != by and claim_id not in lost:
                    yield claim_id, items
        case "who else":
            for claim_id, interest in known.claims.items():
                items = [item for item in interest.items if item in touched]
                if items and claim_id != by:
                    yield claim_id, items


def _owe(
    known: State,
    kind: Told,
    to: str,
    items: list[str],
    by: str,
    by_round: int,
    at: datetime,
    reviewer: str | None = None,
) -> None:
    """A new word replaces the earlier ones. Two things are kept: that the claim was displaced, and
    which items are free, as long as they are."""
    number = known.claims[to].round
    before = [each for each in known.news if each.to == to and each.kind != "displaced"]
    news_id = f"displaced.{to}.{number}" if kind == "displaced" else f"{kind}.{to}.{by}.{by_round}"
    for each in before:
        free = [item for item in each.items if item not in known.holders]
        if each.kind == "item_free" and kind == "item_free":
            items = sorted({*items, *free})
        elif each.kind == "item_free" and kind == "rivals" and free:
            kind, items, by = "item_free", free, each.by
    known.news = [each for each in known.news if each not in before]
    known.news.append(
        News(
            id=news_id,
            kind=kind,
            to=to,
            round=number,
            items=items,
            by=by,
            reviewer=reviewer,
            at=at,
        )
    )


def _rivals(known: State, claim_id: str, items: Iterable[str]) -> list[Rival]:
    """Who else is about these items: holders first, then who was submitted first."""
    wanted, found = set(items), list[Rival]()
    for other, interest in known.claims.items():
        shared = [item for item in interest.items if item in wanted]
        if not shared or other == claim_id:
            continue
        held = [known.holders[item] for item in known.held_by(other)]
        found.append(
            Rival(
                claim_id=other,
                mpn_id=interest.mpn_id,
                items=shared,
                holds=bool(held),
                since=held[0].since if held else interest.first_submitted_at,
                proof_at=interest.proof_at,
            )
        )
    return sorted(found, key=lambda each: (not each.holds, each.since, each.claim_id))
