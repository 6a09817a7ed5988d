"""No customer is bound who never got the mail."""

from __future__ import annotations

from datetime import timedelta

import pytest

from cpor.languages import dates, language
from tests.examples import CUSTOMER, OPERATOR, PARTNER, REVIEWER, dynamics_opening
from tests.workflows.world import DAY, World, at

LARS = "lars@contoso.example"
NO_SUCH_PERSON = "550 5.1.1 no such person"
NEW_CONTACT = {"name": "Eva Falk", "email": "eva@contoso.example", "language": "sv"}


async def test_a_refused_address_holds_the_clock_until_the_contact_is_corrected(
    world: World,
) -> None:
    world.post.refuses[LARS] = NO_SUCH_PERSON
    claim = await world.open()
    await world.tell(claim, "approve", by=REVIEWER)
    held = await world.until_claim(claim, consent="held", owed=[])
    assert (held["waiting_for"], held["deadline"]) == ("partner", None)
    assert world.kinds(claim).count("undeliverable") == 2
    await world.pass_time(claim, 20 * DAY)
    assert (await world.claim(claim))["consent"] == "held"

    await world.tell(claim, "edit", by=PARTNER, changes={"customer_contact": NEW_CONTACT})
    await world.confirm(claim)
    told = await world.until_claim(claim, consent="pending", owed=[])
    (notice,) = world.mails(claim, "consent")
    assert str(notice["To"]) == "Eva Falk <eva@contoso.example>"
    assert notice["Message-ID"].startswith(f"<{claim.id}.consent.2.contact+")
    assert at(told["deadline"]) - at(told["notice_accepted_at"]) == 7 * DAY
    await world.pass_time(claim, 7 * DAY + timedelta(minutes=1))
    await world.until_claim(claim, consent="lapsed")


@pytest.mark.thorough
async def test_copies_of_a_notice_whose_answers_got_lost_name_the_same_end(world: World) -> None:
    """The server took each of them; its word was lost, and the pauses between last minutes."""
    claim = await world.open()
    world.post.loses_its_word = True
    await world.tell(claim, "approve", by=REVIEWER)
    await world.pass_time(claim, timedelta(minutes=5))
    world.post.loses_its_word = False
    await world.pass_time(claim, timedelta(minutes=5))
    pending = await world.until_claim(claim, consent="pending", owed=[])
    copies = world.mails(claim, "consent")
    first, last = copies[0], copies[-1]
    assert last["Date"].datetime - first["Date"].datetime >= timedelta(minutes=2)
    assert len({copy["Message-ID"] for copy in copies}) == 1
    assert len({copy["Subject"] for copy in copies}) == 1
    assert len({body.get_content() for copy in copies if (body := copy.get_body(["plain"]))}) == 1
    assert at(pending["deadline"]) - at(pending["notice_accepted_at"]) == 7 * DAY


async def test_where_the_address_was_right_an_operator_sends_a_new_round(world: World) -> None:
    world.post.refuses[LARS] = NO_SUCH_PERSON
    claim = await world.open()
    await world.tell(claim, "approve", by=REVIEWER)
    await world.until_claim(claim, consent="held", owed=[])
    world.post.refuses.clear()
    await world.tell(claim, "retry", by=OPERATOR)
    await world.until_claim(claim, consent="pending", owed=[])
    (notice,) = world.mails(claim, "consent")
    assert notice["Message-ID"].startswith(f"<{claim.id}.consent.2.contact+")


async def test_an_older_links_no_holds_the_clock_and_the_newest_ones_ends_the_claim(
    world: World,
) -> None:
    world.post.refuses[LARS] = NO_SUCH_PERSON
    claim = await world.open()
    await world.tell(claim, "approve", by=REVIEWER)
    await world.until_claim(claim, consent="held", owed=[])
    await world.tell(claim, "edit", by=PARTNER, changes={"customer_contact": NEW_CONTACT})
    await world.confirm(claim)
    await world.until_claim(claim, consent="pending", owed=[])
    await world.tell(claim, "decline", by=CUSTOMER, notice_id=f"{claim.id}.consent.1.contact")
    known = await world.until_claim(claim, consent="held", owed=[])
    assert (known["waiting_for"], known["deadline"]) == ("reviewer", None)
    assert {"objected"} < set(world.kinds(claim))
    await world.tell(claim, "decline", by=CUSTOMER, notice_id=f"{claim.id}.consent.2.contact")


async def test_a_mail_server_down_for_nine_days_costs_the_customer_no_hour(world: World) -> None:
    world.post.refuses[LARS] = "451 4.3.0 come back later"
    claim = await world.open()
    await world.tell(claim, "approve", by=REVIEWER)
    await world.pass_time(claim, 9 * DAY)
    waiting = await world.claim(claim)
    assert (waiting["consent"], waiting["deadline"]) == ("pending", None)
    (debt,) = waiting["owed"]
    assert (debt["notice"], debt["state"]) == ("consent", "late")
    assert "451" in debt["last_answer"]
    world.post.refuses.clear()
    await world.pass_time(claim, DAY)
    told = await world.until_claim(claim, owed=[])
    assert told["consent"] == "pending"
    assert at(told["notice_accepted_at"]) - at(told["approved_at"]) > 9 * DAY
    assert at(told["deadline"]) - at(told["notice_accepted_at"]) == 7 * DAY
    assert len(world.mails(claim, "consent")) == 1


async def test_without_an_arrived_notice_people_are_called_and_nobody_consents(
    world: World,
) -> None:
    world.post.refuses[LARS] = NO_SUCH_PERSON
    claim = await world.open()
    await world.tell(claim, "approve", by=REVIEWER)
    await world.until_claim(claim, consent="held", owed=[])
    await world.pass_time(claim, 60 * DAY)
    known = await world.until_claim(claim, owed=[])
    assert (known["consent"], known["eligibility"]) == ("held", "none")
    assert world.kinds(claim).count("escalated") == 2


async def test_the_window_of_a_dynamics_claim_opens_with_the_first_notice_that_arrives(
    world: World,
) -> None:
    world.post.refuses[LARS] = NO_SUCH_PERSON
    claim_id = world.new_id()
    world.keep_proof(claim_id)
    claim = await world.start(claim_id, dynamics_opening(claim_id))
    await world.tell(claim, "approve", by=REVIEWER)
    known = await world.until_claim(claim, owed=[])
    assert known["consent"] == "pending"
    assert known["notice_accepted_at"] is not None
    assert known["editable"] == ["customer_contact", "evidence"]


async def test_a_notice_under_way_to_an_old_contact_is_given_up(world: World) -> None:
    world.post.refuses[LARS] = "451 4.3.0 come back later"
    claim = await world.open()
    await world.tell(claim, "approve", by=REVIEWER)
    await world.until_claim(claim, consent="pending")
    await world.tell(claim, "edit", by=PARTNER, changes={"customer_contact": NEW_CONTACT})
    await world.confirm(claim)
    told = await world.until_claim(claim, owed=[])
    assert told["notice_accepted_at"] is not None
    world.post.refuses.clear()
    await world.pass_time(claim, DAY)
    assert [str(mail["To"]) for mail in world.mails(claim, "consent")] == [
        "Eva Falk <eva@contoso.example>"
    ]


async def test_the_printed_end_is_never_after_the_real_one(world: World) -> None:
    claim = await world.open()
    await world.tell(claim, "approve", by=REVIEWER)
    known = await world.until_claim(claim, owed=[])
    (notice,) = world.mails(claim, "consent")
    body = notice.get_body()
    assert body is not None
    end = dates.until(at(known["deadline"]), "Europe/Stockholm", language("sv"))
    assert end in " ".join(body.get_content().split())
