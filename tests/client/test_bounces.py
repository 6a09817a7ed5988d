"""A delivery report is read: which notice came back and why, or why it is of no use."""

from __future__ import annotations

import asyncio
import os
import random
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from subprocess import CompletedProcess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cpor import ClaimClosed, ClaimsClient, ClaimUnknown, MessageRefused, Receipt
from cpor.bounces.reports import MOST_BYTES, Report, ReportUnusable, read, send_bounced
from cpor.store import Store
from tests import forked
from tests.client.lives import ended
from tests.client.reports import (
    NOTICE,
    TOKEN,
    Group,
    answer_of_somebody_on_holiday,
    exchange,
    forwarded,
    nested,
    of_utf8_addresses,
    original,
    postfix,
)
from tests.examples import REVIEWER
from tests.shell import LIMIT
from tests.workflows.world import DAY, Handle, World

DELAYED = Group(action="delayed", status="4.4.1", diagnostic="smtp; 451 4.4.1 no answer")
DELIVERED = Group("eva@contoso.example", "delivered", "2.0.0", "smtp; 250 2.0.0 OK")


def unusable(content: bytes) -> str:
    with pytest.raises(ReportUnusable) as raised:
        read(content)
    text = str(raised.value)
    assert "\n" not in text
    assert "@" not in text
    return text


# What is read


def test_a_report_of_postfix_names_the_notice_and_the_reason_without_addresses() -> None:
    assert read(postfix()) == Report(
        "CPOR-7Q2M4X",
        NOTICE,
        TOKEN,
        "failed",
        "550 5.1.1 <…>: Recipient address rejected: … is unknown",
    )


def test_a_report_of_exchange_does_so_too() -> None:
    report = read(exchange())
    assert (report.notice_id, report.is_lost) == (NOTICE, True)
    assert report.detail == (
        "550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient … not found by SMTP address lookup"
    )


@pytest.mark.parametrize("kind", ["text/rfc822-headers", "message/rfc822"])
def test_the_mail_that_came_back_is_enclosed_whole_or_by_its_headers(kind: str) -> None:
    assert read(postfix(enclosed=kind)).notice_id == NOTICE


def test_a_report_that_encloses_nothing_is_about_the_mail_that_it_answers() -> None:
    assert read(exchange(encloses=False)).notice_id == NOTICE


def test_the_reason_is_the_status_where_no_server_said_more() -> None:
    assert read(postfix(Group(status="5.4.7", diagnostic=""))).detail == "5.4.7"
    assert read(postfix(Group(status="", diagnostic=""))).detail == "It does not say why."
    told = Group(status="5.2.2", diagnostic="x-unix; the mailbox is full")
    assert read(postfix(told)).detail == "5.2.2 the mailbox is full"


def test_a_long_reason_is_shortened() -> None:
    said = "smtp; 550 5.7.1 " + "see lars@contoso.example " * 500
    detail = read(postfix(Group(diagnostic=said))).detail
    assert len(detail) == 200
    assert "lars" not in detail


def test_an_address_does_not_hide_in_an_encoding() -> None:
    said = "smtp; =?utf-8?q?550_5.1.1_no_lars=40contoso.example_here?="
    assert read(postfix(Group(diagnostic=said))).detail == "550 5.1.1 no … here"


def test_a_report_in_utf8_is_read_like_any_other() -> None:
    report = read(of_utf8_addresses())
    assert (report.notice_id, report.action) == (NOTICE, "failed")
    assert report.detail == "550 5.1.1 inget sådant konto"


def test_a_server_that_repeats_the_token_does_not_get_it_into_the_history() -> None:
    said = f"smtp; 550 5.7.1 <{NOTICE}+{TOKEN}@cpor.example> is spam"
    assert TOKEN not in read(postfix(Group(diagnostic=said))).detail


def test_lines_may_end_as_they_do_in_mails() -> None:
    for content in (postfix(), exchange(), of_utf8_addresses()):
        assert read(content.replace(b"\n", b"\r\n")) == read(content)


def test_bytes_of_no_known_script_do_no_harm() -> None:
    content = postfix().replace(b"Lars is unknown", b"\xe5\xff\x00 is unknown")
    assert read(content).detail.startswith("550 5.1.1 <…>: Recipient address rejected: ")


@pytest.mark.parametrize("action", ["delayed", "relayed", "delivered", "expanded"])
def test_only_what_failed_is_lost(action: str) -> None:
    assert not read(postfix(Group(action=action))).is_lost


@pytest.mark.parametrize("action", ["Failed", "FAILED", "failed (bad destination)"])
def test_failed_may_be_written_in_any_way(action: str) -> None:
    assert read(postfix(Group(action=action))).is_lost


@pytest.mark.parametrize("groups", [(DELIVERED, DELAYED, Group()), (Group(), DELIVERED)])
def test_of_several_recipients_one_lost_is_enough(groups: tuple[Group, ...]) -> None:
    report = read(postfix(*groups))
    assert report.is_lost
    assert report.detail.startswith("550 5.1.1")


def test_a_report_that_somebody_forwards_is_still_one() -> None:
    assert read(forwarded(postfix())) == read(postfix())


def test_of_a_report_in_a_report_the_outer_one_counts() -> None:
    inner, headers = exchange(notice_id="CPOR-OTHER.submitted.1.partner"), original().encode()
    outer = postfix(DELAYED, enclosed="message/rfc822")
    report = read(outer.replace(headers, headers + inner))
    assert (report.notice_id, report.action) == (NOTICE, "delayed")


# What is of no use


def test_a_mail_that_is_no_report_is_not_used() -> None:
    for mail in (b"hello", b"\x00" * 100, b"\xff\xfe: \n\n"):
        assert unusable(mail).startswith("This mail is no delivery report (RFC 3464)")
    assert unusable(b" \n").startswith("Nothing came in")


def test_an_answer_of_a_program_is_dropped_and_never_answered() -> None:
    assert unusable(answer_of_somebody_on_holiday()).startswith("A program has answered")


@pytest.mark.parametrize(
    "notice_id",
    [
        "20261120091424.8A1F2D1",
        "CPOR-7Q2M4X",
        "CPOR-7Q2M4X.consent.contact",
        "CPOR-7Q2M4X.consent.two.contact",
        "CPOR-7Q2M4X.love.1.contact",
        "CPOR-7Q2M4X.consent.1.king",
        "../../etc.consent.1.contact",
        f"{'A' * 41}.consent.1.contact",
    ],
)
def test_a_report_on_somebody_elses_mail_is_not_used(notice_id: str) -> None:
    assert unusable(postfix(notice_id=notice_id)).endswith("on a mail that no claim has sent.")


def test_a_report_that_says_of_nobody_what_became_of_the_mail_is_not_used() -> None:
    content = postfix().replace(b"Action: failed\n", b"")
    assert f"does not say what became of {NOTICE}" in unusable(content)


def test_of_a_huge_mail_only_the_beginning_is_looked_at() -> None:
    assert read(postfix() + b"x" * MOST_BYTES).is_lost
    late = postfix().replace(b"\n\nThis is", b"\n\n" + b"x\n" * MOST_BYTES + b"This is")
    assert unusable(late).startswith("This mail is no delivery report")


@pytest.mark.parametrize("depth", [200, 5000])
def test_a_mail_nested_without_end_is_not_used(depth: int) -> None:
    assert unusable(nested(depth))


@settings(max_examples=150)
@given(st.integers(0, 2**32), st.sampled_from([postfix(), exchange(), of_utf8_addresses()]))
def test_a_damaged_report_is_read_or_refused_in_a_sentence(seed: int, content: bytes) -> None:
    dice, damaged = random.Random(seed), bytearray(content)
    for _ in range(dice.randint(1, 30)):
        where = dice.randrange(len(damaged))
        damaged[where : where + dice.randint(0, 9)] = dice.randbytes(dice.randint(0, 9))
    with suppress(ReportUnusable):
        assert read(bytes(damaged)).detail.isprintable()


# What the claim is told


async def approved(world: World) -> Handle:
    claim = await world.open()
    await world.tell(claim, "approve", by=REVIEWER)
    await world.until_claim(claim, consent="pending", owed=[])
    return claim


def report_on(world: World, claim: Handle, group: Group | None = None) -> bytes:
    """On the mail that the claim has really sent."""
    (mail,) = world.mails(claim, "consent")
    notice_id, _, token = mail["Message-ID"].strip("<>").partition("@")[0].partition("+")
    return postfix(group or Group(), notice_id=notice_id, token=token)


async def test_a_consent_notice_that_came_back_holds_the_clock_and_people_are_told(
    world: World, claims: ClaimsClient
) -> None:
    claim = await approved(world)
    await world.pass_time(claim, 3 * DAY)
    answer = await send_bounced(claims, read(report_on(world, claim)))
    assert answer.text == "Noted. The contact must be corrected."
    held = await world.until_claim(claim, consent="held", owed=[])
    assert (held["waiting_for"], held["deadline"]) == ("partner", None)
    assert world.kinds(claim).count("undeliverable") == 2
    await world.pass_time(claim, 20 * DAY)
    assert (await world.claim(claim))["consent"] == "held"
    (entry,) = [each for each in await world.history(claim) if each["what"] == "bounced"]
    assert entry["by"]["id"] == "mailer"
    assert "550 5.1.1 <…>: Recipient address rejected" in entry["text"]
    assert "lars" not in entry["text"].lower()


async def test_the_same_loss_reported_again_changes_nothing_in_whatever_words(
    world: World, claims: ClaimsClient
) -> None:
    claim = await approved(world)
    first = await send_bounced(claims, read(report_on(world, claim)))
    before = await world.history(claim)
    in_other_words = Group(status="5.0.0", diagnostic="smtp; 554 delivery failed")
    for group in (None, in_other_words):
        assert await send_bounced(claims, read(report_on(world, claim, group))) == first
    assert isinstance(first, Receipt)
    after = await world.history(claim)
    assert [each for each in after if each["what"] == "bounced"] == [
        each for each in before if each["what"] == "bounced"
    ]


async def test_a_forged_report_is_refused(world: World, claims: ClaimsClient) -> None:
    with pytest.raises(ClaimUnknown, match="CPOR-FORGED is known neither"):
        await send_bounced(claims, read(postfix(notice_id="CPOR-FORGED.consent.1.contact")))
    claim = await approved(world)
    never_sent = f"{claim.id}.consent.9.contact"
    with pytest.raises(MessageRefused, match="notice_id: is no notice of this claim"):
        await send_bounced(claims, read(postfix(notice_id=never_sent)))
    sent = f"{claim.id}.consent.1.contact"
    for report in (postfix(notice_id=sent), exchange(notice_id=sent)):
        with pytest.raises(MessageRefused, match="token: is not the one in this notice"):
            await send_bounced(claims, read(report))
    assert (await world.claim(claim))["consent"] == "pending"


async def test_a_claim_that_is_over_hears_of_it_no_more(world: World, claims: ClaimsClient) -> None:
    claim_id = await ended(world, claims)
    with pytest.raises(ClaimClosed, match="claim_closed"):
        await send_bounced(claims, read(postfix(notice_id=f"{claim_id}.submitted.1.partner")))


# What the mail server hears


def piped(
    folder: Path, content: bytes, address: str, namespace: str = "default"
) -> CompletedProcess[str]:
    """As an alias does it."""
    its_own = {**os.environ, "TEMPORAL_ADDRESS": address, "TEMPORAL_NAMESPACE": namespace}
    return forked.starter(["bounced"], folder, its_own, content, LIMIT)


async def test_a_report_is_piped_into_the_command(world: World) -> None:
    claim, client = await approved(world), world.client
    address = client.service_client.config.target_host
    report = report_on(world, claim)
    done = await asyncio.to_thread(piped, world.folder, report, address, client.namespace)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == f"{claim.id}  Noted. The contact must be corrected.\n"
    await world.until_claim(claim, consent="held")


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        (postfix(), 75, "No Temporal answers at 127.0.0.1:1"),
        (postfix(DELIVERED), 0, f"CPOR-7Q2M4X  {NOTICE} is delivered, not lost. Nothing is told."),
        (postfix(DELAYED), 75, "No Temporal answers at 127.0.0.1:1"),
        (answer_of_somebody_on_holiday(), 0, "A program has answered, and this is no delivery"),
        (b"Precedence: auto_reply\n\nGone.", 0, "A program has answered, and this is no delivery"),
        (b"Auto-Submitted: no\n\nHello.", 2, "This mail is no delivery report"),
        (b"x" * 5_000_000, 2, "This mail is no delivery report"),
    ],
)
def test_the_exit_code_tells_a_mail_server_what_to_do(
    tmp_path: Path, content: bytes, code: int, said: str
) -> None:
    done = piped(tmp_path, content, address="127.0.0.1:1")
    assert done.returncode == code
    assert (done.stdout + done.stderr).startswith(said)
    assert "Traceback" not in done.stderr


async def test_a_delay_is_written_down_and_the_loss_that_follows_counts(world: World) -> None:
    claims = ClaimsClient(world.client, Store.open(world.settings.store_url), world.task_queue)
    claim = await approved(world)
    lost = read(report_on(world, claim))
    for _ in range(2):
        await send_bounced(claims, replace(lost, action="delayed", detail="451 4.4.1 no answer"))
    told = await world.claim(claim)
    assert (told["consent"], told["owed"]) == ("pending", [])
    entries = [each for each in await world.history(claim) if each["what"] == "bounced"]
    assert [each["text"] for each in entries] == [
        f"the notice {claim.id}.consent.1.contact is still on its way: 451 4.4.1 no answer"
    ]
    await send_bounced(claims, lost)
    await world.until_claim(claim, consent="held")
