"""An older database was restored: the claim has forgotten what the store still shows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from activities.events.delivery import HandOffActivity, Outbox, PortalEventActivity
from activities.records import RecordActivity
from cpor.rules.chain import misfits
from cpor.rules.claim import Claim
from cpor.rules.effects.events import ComparedEvent
from cpor.rules.effects.record import Record
from cpor.rules.own_ids import decline_id
from cpor.rules.state import State
from cpor.store import Store
from tests.activities.conftest import Attempts
from tests.activities.facts import CLAIM
from tests.examples import OPERATOR
from tests.rules.play import DAY, Play, consent_running, handed_off, window_over

NOTICE = f"{CLAIM}.consent.1.contact"


class World:
    """What outlives the database: the store, and what the incentive engine and portal were sent."""

    def __init__(self, folder: Path, attempt: Attempts) -> None:
        self.store = Store.open(str(folder / "store"))
        self.folder = folder
        self._attempt = attempt
        self._hand_off = HandOffActivity("urn:cpor", Outbox(str(folder / "engine")), self.store)
        self._portal = PortalEventActivity("urn:cpor", Outbox(str(folder / "portal")), self.store)
        self._record = RecordActivity(self.store)

    async def pays(self, play: Play) -> None:
        """Pays what is owed to these three by the real activities, and all else by hand."""
        while play.claim.state.payable:
            play.pay("notice", "seal", "directory")
            for debt in list(play.claim.state.payable):
                payment = play.claim.begin(debt, "run-1")
                acts: dict[str, Callable[..., Any]] = {
                    "hand_off": self._hand_off.hand_off,
                    "recall": self._hand_off.hand_off,
                    "event": self._portal.send_event,
                    "record": self._record.keep_record,
                }
                if debt.kind in acts:
                    play.answer(debt, await self._attempt(acts[debt.kind], payment))
                if play.claim.state.is_in_conflict:
                    return

    async def keeps_records(self, play: Play) -> None:
        """Nothing else is paid, as where mail server and receivers are away."""
        keep: Callable[..., Any] = self._record.keep_record
        for debt in play.debts("record"):
            play.answer(debt, await self._attempt(keep, play.claim.begin(debt, "run-1")))

    def sent(self, to: str) -> list[str]:
        return sorted(each.stem for each in (self.folder / to).glob("*.json"))

    async def records(self) -> list[dict[str, Any]]:
        newest = (await self.store.traces(CLAIM)).version
        found = [await self.store.read_record(CLAIM, n) for n in range(1, newest + 1)]
        return [each for each in found if each]


@pytest.fixture
def world(tmp_path: Path, attempt: Attempts) -> World:
    return World(tmp_path, attempt)


def dumped(play: Play) -> str:
    return play.claim.state.model_dump_json()


def restored(play: Play, dump: str) -> Play:
    play.claim = Claim(State.model_validate_json(dump))
    return play


async def declined_and_restored(world: World, **opened: Any) -> Play:
    play = consent_running(**opened)
    before = dumped(play)
    play.tell("decline", note="Never.")
    await world.pays(play)
    assert [each["consent"] for each in await world.records()] == ["declined"]
    return restored(play, before)


async def test_a_claim_that_the_customer_declined_is_not_handed_off_after_a_restore(
    world: World,
) -> None:
    play = window_over(await declined_and_restored(world))
    await world.pays(play)
    assert world.sent("engine") == []
    assert play.claim.state.handed_off_at is None
    (conflict,) = play.debts("conflict")
    assert conflict.state == "parked"
    assert "consent declined" in conflict.last_answer
    assert "the claim is Approved, consent lapsed" in conflict.last_answer


async def test_nor_is_the_portal_told_that_it_is_official(world: World) -> None:
    play = consent_running()
    play.claim.state.has_portal = True
    before = dumped(play)
    play.tell("decline")
    await world.pays(play)
    told = world.sent("portal")
    restored(play, before)
    await world.pays(window_over(play))
    assert [each for each in world.sent("portal") if each not in told] == []


async def test_no_event_to_the_portal_has_the_id_of_another(world: World) -> None:
    play = consent_running()
    play.claim.state.has_portal = True
    before = dumped(play)
    play.tell("withdraw")
    news = play.claim.state.news
    restored(play, before).wait(play.now + DAY)
    play.tell("decline")
    withdrawn, declined = news[-1], play.claim.state.news[-1]
    assert (withdrawn.data["status"], declined.data["status"]) == ("Rejected", "Rejected")
    assert withdrawn.id != declined.id
    assert withdrawn.id.rpartition(".")[0] == declined.id.rpartition(".")[0]


async def test_the_record_that_proves_the_no_stands_whatever_comes_later(world: World) -> None:
    play = window_over(await declined_and_restored(world))
    (proof,) = await world.records()
    await world.pays(play)
    play.tell("resolve_conflict", why="It was another customer's no.")
    await world.pays(play)
    first, second = await world.records()
    assert first == proof
    assert (second["version"], second["replaces"]) == (2, proof["sha256"])
    assert (second["consent"], misfits(second)) == ("lapsed", [])
    assert world.sent("engine") == [f"{CLAIM}.ready.1"]


async def test_an_operator_lets_the_no_in_the_store_end_the_claim(world: World) -> None:
    play = consent_running()
    play.claim.state.has_portal = True
    before = dumped(play)
    play.tell("decline")
    await world.pays(play)
    restored(play, before)
    await world.pays(window_over(play))
    play.tell("decline", by=OPERATOR, came_by="version 1 of its record")
    await world.pays(play)
    claim = play.claim.state
    assert (claim.status, claim.consent, claim.is_over) == ("Rejected", "declined", True)
    assert world.sent("engine") == []
    assert not any("official" in each or "ended" in each for each in world.sent("portal"))
    assert [each["consent"] for each in await world.records()] == ["declined", "declined"]


async def test_a_no_that_the_page_kept_and_could_not_pass_on_holds_the_hand_off_back(
    world: World,
) -> None:
    play = consent_running()
    await world.store.keep_no(CLAIM, NOTICE, {"notice_id": NOTICE})
    await world.pays(window_over(play))
    assert world.sent("engine") == []
    assert f"a no of the customer to {NOTICE}" in play.debt("conflict").last_answer


async def test_a_no_that_an_operator_passed_on_is_known_before_the_claim_is_paid_up(
    world: World,
) -> None:
    """Neither page nor last record have it: the partner's mail server is away."""
    play = consent_running()
    before = dumped(play)
    play.tell("decline", by=OPERATOR, came_by="telephone")
    await world.keeps_records(play)
    assert play.debts("notice")
    await world.pays(window_over(restored(play, before)))
    assert world.sent("engine") == []
    assert "consent declined" in play.debt("conflict").last_answer


async def test_nor_is_a_claim_handed_off_that_has_forgotten_an_objection(world: World) -> None:
    play = window_over(consent_running())
    before = dumped(play)
    play.tell("decline", by=OPERATOR, came_by="reply to the mail")
    await world.keeps_records(play)
    await world.pays(restored(play, before))
    assert world.sent("engine") == []
    assert "version 1 of the record" in play.debt("conflict").last_answer


async def test_a_no_that_the_claim_has_heard_is_no_conflict(world: World) -> None:
    """A late one that a reviewer answered: the association was kept, and may be handed off."""
    play = window_over(consent_running())
    await world.store.keep_no(CLAIM, NOTICE, {"notice_id": NOTICE})
    play.tell("decline", id=decline_id(NOTICE), notice_id=NOTICE)
    play.tell("keep_association")
    await world.pays(play)
    assert world.sent("engine") == [f"{CLAIM}.ready.1"]
    assert play.debts("conflict") == []


async def test_a_claim_that_was_handed_off_and_recalled_is_not_handed_off_again(
    world: World,
) -> None:
    play = window_over(consent_running(edition="2023"))
    before = dumped(play)
    await world.pays(play)
    play.tell("decline")
    await world.pays(play)
    (world.folder / "engine" / f"{CLAIM}.ready.1.json").unlink()
    restored(play, before)
    await world.pays(play)
    assert world.sent("engine") == [f"{CLAIM}.recalled.1"]
    assert f"the event {CLAIM}.recalled.1" in play.debt("conflict").last_answer


async def test_an_event_with_another_content_gets_an_id_of_its_own(world: World) -> None:
    play = consent_running()
    await world.store.note_sent(CLAIM, f"{CLAIM}.ready.1", "of another past")
    await world.pays(window_over(play))
    assert world.sent("engine") == []
    play.tell("resolve_conflict", why="The engine has forgotten the first one.")
    await world.pays(play)
    assert world.sent("engine") == [f"{CLAIM}.ready.2"]


async def test_the_same_hand_off_is_sent_again_after_its_try_died(
    world: World, attempt: Attempts
) -> None:
    play = window_over(consent_running())
    event = play.claim.begin(play.debt("hand_off"), "run-1")
    act = HandOffActivity("urn:cpor", Outbox(str(world.folder / "engine")), world.store).hand_off
    assert isinstance(event, ComparedEvent)
    for _ in range(2):
        assert (await attempt(act, event)).outcome == "taken"


async def test_a_conflict_stops_time_and_mails_and_hears_a_no(world: World) -> None:
    play = await declined_and_restored(world)
    play.tell("report_conflict")
    assert play.claim.next_wake() is None
    assert play.wait(play.now + 30 * DAY) == []
    assert play.claim.state.consent == "pending"
    play.tell("retry")
    assert len(play.debts("conflict")) == 1
    play.tell("decline")
    assert play.claim.state.status == "Rejected"
    assert (play.claim.state.payable, play.claim.state.is_over) == ([], False)
    play.tell("resolve_conflict", why="Both say no.")
    await world.pays(play)
    assert "version 1" in play.debt("conflict").last_answer
    play.tell("resolve_conflict", why="Both say no.")
    await world.pays(play)
    assert play.claim.state.is_over
    assert [each["consent"] for each in await world.records()] == ["declined", "declined"]


async def test_what_was_decided_is_not_asked_again(world: World) -> None:
    play = await declined_and_restored(world)
    play.tell("report_conflict")
    play.tell("resolve_conflict")
    answer = play.tell("report_conflict", id="again", text="x", found=["a" * 64])
    assert "decided before" in answer.text
    assert play.debts("conflict") == []


async def test_a_record_that_grows_is_no_conflict(world: World) -> None:
    play = window_over(consent_running())
    await world.pays(play)
    play.tell("disassociate")
    await world.pays(play)
    assert [each["version"] for each in await world.records()] == [1, 2]
    assert play.claim.state.is_over


async def test_a_record_written_twice_is_one(world: World, attempt: Attempts) -> None:
    play = handed_off()
    record = next(each for each in play.paid if isinstance(each, Record))
    act = RecordActivity(world.store).keep_record
    for _ in range(2):
        assert (await attempt(act, record)).outcome == "kept"
    assert len(await world.records()) == 1
