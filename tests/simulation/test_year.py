"""A year of claims by the rules alone: each step is looked at; what breaks is told shortly."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import replace

import pytest

from cpor.rules import association, receipts, rivalry
from cpor.rules.associations.associations import Associations
from cpor.rules.associations.calls import Answer
from cpor.rules.claim import Claim
from cpor.rules.effects.consent import ConsentDebt
from cpor.rules.effects.notice import NoticeDebt
from cpor.rules.lifecycle import Status
from cpor.rules.state import State
from cpor.simulation import plots, report, story
from cpor.simulation.life import Broken
from cpor.simulation.luck import HOSTILE, LUCK
from cpor.simulation.year import Plan, Year


def played(plan: Plan) -> Year:
    year = Year(plan)
    try:
        year.play()
    except Broken as broken:
        pytest.fail(story.told(broken))
    return year


@pytest.mark.parametrize("luck", LUCK)
@pytest.mark.parametrize("edition", ["2020", "2020-intro", "2023"])
@pytest.mark.parametrize("claims", [25, pytest.param(400, marks=pytest.mark.thorough)])
def test_whatever_happens_in_a_year_what_always_holds_does(
    luck: str, edition: str, claims: int
) -> None:
    plan = Plan(claims, seed=7, edition=edition, luck=LUCK[luck], shown_every=5)
    figures = played(plan).figures
    assert figures.done == claims
    assert figures.steps > 15 * claims
    assert figures.deaths


@pytest.mark.thorough
def test_a_year_of_bad_luck_reaches_all_that_may_come_of_a_claim() -> None:
    figures = played(Plan(150, seed=3, luck=HOSTILE)).figures
    wanted = {
        *("eligible", "not eligible", "official", "never submitted"),
        *("ended: customer decline", "ended: no partner response", "ended: disassociated"),
        *("ended: partner request", "ended: insufficient poe"),
    }
    assert wanted <= figures.ends.keys()
    owed = {"notice", "event", "seal", "directory", "record", "hand_off", "recall", "result"}
    assert owed | {"enter", "award", "release"} <= figures.paid.keys()
    assert figures.answers["wrong_status"]
    assert figures.copies["notice"]


def test_the_same_seed_gives_the_same_year() -> None:
    plan = Plan(12, seed=11, luck=HOSTILE)
    first = report.data(played(plan))
    assert report.data(played(plan)) == first
    assert report.data(played(replace(plan, seed=12))) != first


def test_a_rule_that_breaks_is_told_by_the_shortest_story() -> None:
    def no_claim_is_ever_asked_about(claim: Claim) -> None:
        assert claim.state.status is not Status.PARTNER_ACTION

    with pytest.raises(Broken) as caught:
        Year(Plan(40, seed=7), also=[no_claim_is_ever_asked_about]).play()
    steps = story.shortest(caught.value)
    assert [step.name for step in steps if step.is_said] in (
        ["request_info"],
        ["submit", "request_info"],
    )
    assert len(steps) <= 2
    assert "request_info" in story.told(caught.value)


def test_a_receipt_that_is_forgotten_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing_known(*_: object) -> None:
        return None

    monkeypatch.setattr(receipts, "known", nothing_known)
    with pytest.raises(Broken) as caught:
        Year(Plan(60, seed=7, luck=HOSTILE)).play()
    assert "receipt" in story.told(caught.value)
    assert len(story.shortest(caught.value)) <= 3


def test_a_contact_who_is_asked_unconfirmed_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ConsentDebt, "must_wait", NoticeDebt.must_wait)
    with pytest.raises(Broken) as caught:
        Year(Plan(60, seed=7, luck=HOSTILE)).play()
    assert "nobody_unconfirmed_is_asked" in story.told(caught.value)


@pytest.mark.thorough
def test_an_item_that_two_partners_were_told_of_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    take = Associations.take

    def as_if_granted(associations: Associations, name: str, payloads: Sequence[object]) -> Answer:
        answer = take(associations, name, payloads)
        return answer.model_copy(update={"outcome": "granted"}) if name == "award" else answer

    def nobody_holds(_: State) -> list[str]:
        return []

    monkeypatch.setattr(Associations, "take", as_if_granted)
    monkeypatch.setattr(rivalry, "holders", nobody_holds)
    with pytest.raises(Broken, match="has two partners"):
        Year(Plan(200, seed=7, days=20, luck=HOSTILE)).play()


CONTESTED = replace(HOSTILE, same_tenant=0.8, approved=0.8, displaces=0.9, disputes=0.95)


def test_a_displacement_after_the_claim_was_official_is_disputed_too() -> None:
    official_again: set[str] = set()

    def look(claim: Claim) -> None:
        if sum(entry.what == "official" for entry in claim.state.history) > 1:
            official_again.add(claim.state.claim_id)

    Year(Plan(30, seed=7, luck=CONTESTED), also=[look]).play()
    assert official_again


def test_a_claim_that_keeps_the_recall_of_an_earlier_association_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def goes_on(claim: State) -> None:
        claim.official_since = None

    monkeypatch.setattr(association, "begin_anew", goes_on)
    with pytest.raises(Broken):
        Year(Plan(60, seed=7, luck=CONTESTED)).play()


@pytest.mark.thorough
def test_with_fewer_reviewers_fewer_claims_are_decided_in_time() -> None:
    plan = Plan(120, seed=7, days=10, reviews_a_day=4)
    few, many = (played(replace(plan, reviewers=count)) for count in (2, 12))
    assert few.figures.decided_in_time < many.figures.decided_in_time
    assert max(few.figures.queue.values()) > max(many.figures.queue.values())


def test_the_plots_can_be_read_and_name_each_edition() -> None:
    years = [played(Plan(10, seed=7, edition=edition)) for edition in ("2020", "2023")]
    for drawing in (plots.queue(years), plots.decided(years)):
        assert len(ET.fromstring(drawing).findall("{*}polyline")) == 2
        assert "edition 2020" in drawing
        assert "edition 2023" in drawing
