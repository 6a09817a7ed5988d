from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.errors import HeaderParseError
from email.message import EmailMessage
from pathlib import Path

import pytest
from temporalio.exceptions import ApplicationError
from temporalio.testing import ActivityEnvironment

from activities.mail import mime
from activities.mail.notices import CUSTOMER, NoticeActivity
from activities.mail.smtp import MailConnection
from cpor.rules.effects.notice import Address, Notice, NoticeResult, digest_of_token
from cpor.settings import LOOPBACK, MailServer, Settings
from tests.activities.conftest import Attempts
from tests.activities.facts import BEGAN, CLAIM, every, notice
from tests.activities.servers import RawServer, SmtpServer
from tests.examples import PNG

Send = Callable[[Notice], Awaitable[NoticeResult]]
Sending = Callable[[MailServer], AbstractAsyncContextManager[Send]]

CONSENT = notice("consent", "contact")


@pytest.fixture
def sending(settings: Settings, attempt: Attempts) -> Sending:
    @asynccontextmanager
    async def sending(server: MailServer) -> AsyncGenerator[Send]:
        connection = MailConnection(server)
        act = NoticeActivity(settings, connection).send_notice

        async def send(told: Notice) -> NoticeResult:
            return await attempt(act, told)

        try:
            yield send
        finally:
            await connection.close()

    return sending


async def failure(send: Send, told: Notice = CONSENT) -> ApplicationError:
    """The error of a try that is to be tried again; it may name nobody and quote nothing."""
    with pytest.raises(ApplicationError) as raised:
        await send(told)
    error = raised.value
    assert not error.non_retryable
    assert error.__cause__ is None
    assert "@" not in str(error)
    assert "lars" not in str(error).lower()
    return error


async def test_a_mail_carries_what_readers_and_machines_need(
    smtp: SmtpServer, sending: Sending
) -> None:
    async with sending(smtp.reached_by()) as send:
        result = await send(CONSENT)
    assert result.outcome == "accepted"
    (mail,) = smtp.mails
    assert smtp.recipients == ["lars@contoso.example"]
    assert mail["To"] == "Lars Ek <lars@contoso.example>"
    assert mail["From"] == "CPOR Claims <claims@cpor.example>"
    assert mail["Reply-To"] == "no-thanks@cpor.example"
    notice_id, _, token = (
        mail["Message-ID"].strip("<>").removesuffix("@cpor.example").partition("+")
    )
    assert notice_id == f"{CLAIM}.consent.1.contact"
    assert result.token_digest == digest_of_token(token)
    assert len(token) == 22
    assert mail["X-Claim-Id"] == CLAIM
    assert mail["X-Notice"] == "consent"
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["Date"] == "Fri, 20 Nov 2026 09:14:22 +0000"
    kinds = [part.get_content_type() for part in mail.iter_parts()]
    assert kinds == ["text/plain", "text/html"]


async def test_a_mail_carries_the_companys_logo_and_names_it(
    smtp: SmtpServer, settings: Settings, attempt: Attempts, tmp_path: Path
) -> None:
    file = tmp_path / "logo.png"
    file.write_bytes(PNG)
    pictured = settings.model_copy(update={"vendor_logo": str(file)})
    connection = MailConnection(smtp.reached_by())
    await attempt(NoticeActivity(pictured, connection).send_notice, CONSENT)
    await connection.close()
    (mail,) = smtp.mails
    html = mail.get_body(("html",))
    assert html is not None
    assert '<img class="logo" src="cid:logo" alt="Microsoft"' in html.get_content()
    (picture,) = [part for part in mail.walk() if part["Content-ID"] == "<logo>"]
    assert picture.get_content() == PNG
    assert not list(mail.iter_attachments())


async def test_every_kind_of_mail_can_be_sent_and_says_which_it_is(
    smtp: SmtpServer, sending: Sending
) -> None:
    mails = list(every())
    async with sending(smtp.reached_by()) as send:
        for told in mails:
            assert (await send(told)).outcome == "accepted"
    assert [mail["X-Notice"] for mail in smtp.mails] == [told.kind for told in mails]
    answerable = [mail["Reply-To"] is not None for mail in smtp.mails]
    assert answerable == [told.recipient in CUSTOMER for told in mails]


async def test_acceptance_is_dated_by_the_claims_own_time(
    smtp: SmtpServer, sending: Sending
) -> None:
    async with sending(smtp.reached_by()) as send:
        result = await send(CONSENT)
    assert BEGAN <= result.at < BEGAN + timedelta(seconds=30)
    assert result.printed_end == datetime(2026, 11, 27, 9, 14, tzinfo=UTC)
    body = smtp.mails[0].get_body(("plain",))
    assert body is not None
    assert "fredag 27 november 2026 kl. 09:14 (UTC)" in " ".join(body.get_content().split())


@pytest.mark.parametrize(
    ("asked_for", "greeting"),
    [
        (None, "Hello Lars Ek,"),
        ("en-GB", "Hello Lars Ek,"),
        ("de-AT", "Guten Tag Lars Ek,"),
        ("sv", "Hej Lars Ek!"),
        ("nl-BE", "Beste Lars Ek,"),
        ("TR", "Sayın Lars Ek,"),
        ("fr", "Hello Lars Ek,"),
    ],
)
async def test_a_mail_is_in_the_language_that_its_reader_chose(
    smtp: SmtpServer, sending: Sending, asked_for: str | None, greeting: str
) -> None:
    to = Address(name="Lars Ek", email="lars@contoso.example", language=asked_for)
    async with sending(smtp.reached_by()) as send:
        await send(notice("consent", "contact", to=to))
    body = smtp.mails[0].get_body(("plain",))
    assert body is not None
    assert body.get_content().startswith(greeting)


async def test_a_mail_that_is_tried_again_is_the_same_mail(
    smtp: SmtpServer, sending: Sending
) -> None:
    async with sending(smtp.reached_by()) as send:
        await send(CONSENT)
        await send(CONSENT)
    assert len({mail["Message-ID"] for mail in smtp.mails}) == 1


@pytest.mark.parametrize(
    ("recipient", "address"),
    [
        ("reviewers", "reviewers@cpor.example"),
        ("lead", "lead@cpor.example"),
        ("operators", "operators@cpor.example"),
    ],
)
async def test_queues_are_addressed_by_the_settings(
    smtp: SmtpServer, sending: Sending, recipient: str, address: str
) -> None:
    async with sending(smtp.reached_by()) as send:
        await send(notice("escalated", recipient))  # type: ignore[arg-type]  # parametrize gives str
    assert smtp.recipients == [address]
    assert smtp.mails[0]["Reply-To"] is None


async def test_names_may_be_of_any_script(smtp: SmtpServer, sending: Sending) -> None:
    to = Address(name='Øl "Çetin", Größe', email="lars@contoso.example")
    async with sending(smtp.reached_by()) as send:
        await send(notice("consent", "contact", to=to, partner="Größe & Söhne"))
    mail: EmailMessage = smtp.mails[0]
    assert mail["To"].addresses[0].display_name == to.name
    assert "Größe & Söhne" in mail["Subject"]


@pytest.mark.parametrize(
    ("email", "written"),
    [
        ("erika@straße.example", "erika@xn--strae-oqa.example"),
        ("erika@BÜCHER.example", "erika@xn--bcher-kva.example"),
        ("erika@under_score.example", "erika@under_score.example"),
    ],
)
async def test_a_domain_with_ß_is_not_that_with_ss(
    smtp: SmtpServer, sending: Sending, email: str, written: str
) -> None:
    to = Address(name="Erika", email=email)
    async with sending(smtp.reached_by()) as send:
        await send(notice("consent", "contact", to=to))
    assert smtp.recipients == [written]


EVIL = (
    "=?utf-8?q?Lars=0d=0aX-Injected=3A_yes=0d=0aContent-Type=3A_text/html"
    "=0d=0a=0d=0a<h1>Nothing_to_do</h1><!--?="
)
HIDDEN_LINK = "=?utf-8?b?aHR0cHM6Ly9ldmlsLmV4YW1wbGU=?="
LONG = " ".join(["a" * 80] * 3)


@pytest.mark.parametrize("typed", [EVIL, HIDDEN_LINK, LONG, "x, " * 40 + "y"])
@pytest.mark.parametrize("where", ["contact", "partner", "customer", "claim_name"])
async def test_no_name_makes_a_header_or_a_body(
    smtp: SmtpServer, sending: Sending, where: str, typed: str
) -> None:
    told = notice("submitted", "partner")
    if where == "contact":
        to = Address(name=typed, email="ada@fabrikam.example")
        told = told.model_copy(update={"to": to})
    else:
        told = told.model_copy(update={"facts": {**told.facts, where: typed}})
    async with sending(smtp.reached_by()) as send:
        await send(told)
    (mail,) = smtp.mails
    assert mail.get_content_type() == "multipart/alternative"
    assert mail["X-Injected"] is None
    assert re.fullmatch(rf"<{told.notice_id}\+[\w-]{{22}}@cpor.example>", mail["Message-ID"])
    assert mail["To"].addresses[0].addr_spec == "ada@fabrikam.example"
    assert len(mail["To"].addresses) == 1
    assert "https://evil" not in str(mail["To"]) + str(mail["Subject"])


async def test_what_the_library_of_mails_cannot_write_is_tried_again_and_quotes_nothing(
    smtp: SmtpServer, sending: Sending, monkeypatch: pytest.MonkeyPatch
) -> None:
    def in_bytes(*_: object) -> bytes:
        raise HeaderParseError("Lars Ek <lars@contoso.example>")

    monkeypatch.setattr(mime, "in_bytes", in_bytes)
    async with sending(smtp.reached_by()) as send:
        error = await failure(send)
    assert error.type == "NoticeUnwritten"


async def test_many_mails_at_once_share_one_connection(smtp: SmtpServer, sending: Sending) -> None:
    async with sending(smtp.reached_by()) as send:
        await asyncio.gather(*(send(notice("submitted")) for _ in range(20)))
    assert len(smtp.mails) == 20
    assert smtp.connections == 1


async def test_a_connection_that_the_server_ended_is_made_anew(
    smtp: SmtpServer, sending: Sending
) -> None:
    async with sending(smtp.reached_by()) as send:
        await send(CONSENT)
        smtp.hang_up()
        assert (await send(CONSENT)).outcome == "accepted"
    assert smtp.connections == 2


async def test_a_connection_long_unused_is_not_trusted(
    smtp: SmtpServer, sending: Sending, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(MailConnection, "MOST_IDLE", 0.0)
    async with sending(smtp.reached_by()) as send:
        await send(CONSENT)
        await send(CONSENT)
    assert smtp.connections == 2


async def test_a_server_that_was_down_is_used_again_when_it_is_up(sending: Sending) -> None:
    server = SmtpServer()
    async with server:
        pass
    async with sending(server.reached_by()) as send:
        error = await failure(send)
        assert error.type == "MailServerUnreachable"
        async with server:
            assert (await send(CONSENT)).outcome == "accepted"


@pytest.mark.parametrize("command", ["RCPT", "DATA"])
async def test_a_refusal_for_good_is_an_answer_without_addresses(
    smtp: SmtpServer, sending: Sending, command: str
) -> None:
    smtp.answers[command] = "550 5.1.1 <lars@contoso.example>: Lars is unknown here"
    async with sending(smtp.reached_by()) as send:
        result = await send(CONSENT)
    assert result.outcome == "refused"
    assert result.detail == "550 5.1.1 <…>: … is unknown here"
    assert result.at >= BEGAN


async def test_after_a_refusal_the_connection_serves_the_next_mail(
    smtp: SmtpServer, sending: Sending
) -> None:
    async with sending(smtp.reached_by()) as send:
        smtp.answers["RCPT"] = "550 no"
        await send(CONSENT)
        del smtp.answers["RCPT"]
        assert (await send(CONSENT)).outcome == "accepted"
    assert smtp.connections == 1


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
@pytest.mark.parametrize("code", ["451 4.7.1", "421 4.3.2", "452 4.2.2"])
async def test_a_refusal_for_now_is_tried_again(
    smtp: SmtpServer, sending: Sending, command: str, code: str
) -> None:
    smtp.answers[command] = f"{code} lars@contoso.example, come back later"
    async with sending(smtp.reached_by()) as send:
        error = await failure(send)
        assert error.type == "MailServerBusy"
        assert error.message == f"The mail server said {code}: try later."
        del smtp.answers[command]
        assert (await send(CONSENT)).outcome == "accepted"


async def test_a_refused_sender_is_not_the_customers_fault(
    smtp: SmtpServer, sending: Sending
) -> None:
    smtp.answers["MAIL"] = "550 5.7.1 not from claims@cpor.example"
    async with sending(smtp.reached_by()) as send:
        error = await failure(send)
    assert error.type == "MailSenderRefused"
    assert "CLAIMS_SENDER" in error.message


async def test_a_wrong_password_is_said_clearly_and_tried_again(sending: Sending) -> None:
    async with (
        SmtpServer(password="right") as server,
        sending(server.reached_by("us", "wrong")) as send,
    ):
        error = await failure(send)
        assert error.type == "MailServerLogin"
        assert "refused the login (535" in error.message
        assert "CLAIMS_SMTP_PASSWORD" in error.message
        assert "wrong" not in error.message


async def test_the_right_password_logs_in_once(sending: Sending) -> None:
    async with (
        SmtpServer(password="right") as server,
        sending(server.reached_by("us", "right")) as send,
    ):
        await send(CONSENT)
        await send(CONSENT)
    assert server.connections == 1


async def test_a_missing_login_is_not_the_customers_fault(sending: Sending) -> None:
    async with SmtpServer(password="right") as server, sending(server.reached_by()) as send:
        error = await failure(send)
    assert error.type == "MailServerLogin"


async def test_a_server_that_dies_in_the_middle_of_data_is_tried_again(
    smtp: SmtpServer, sending: Sending
) -> None:
    async with sending(smtp.reached_by()) as send:
        smtp.answers["DATA"] = "hang up"
        error = await failure(send)
        assert error.type == "MailServerUnreachable"
        del smtp.answers["DATA"]
        assert (await send(CONSENT)).outcome == "accepted"


async def test_a_server_that_never_speaks_is_given_up(sending: Sending) -> None:
    async with RawServer(lambda reader, writer: None) as silent:
        server = MailServer(LOOPBACK, silent.port, timeout=0.1)
        async with sending(server) as send:
            error = await failure(send)
    assert error.type == "MailServerUnreachable"
    assert "did not answer in time" in error.message


async def test_no_mail_goes_over_an_unsafe_connection(smtp: SmtpServer, sending: Sending) -> None:
    async with sending(smtp.reached_by(tls="starttls")) as send:
        error = await failure(send)
    assert "CLAIMS_SMTP_TLS=starttls" in error.message
    async with sending(smtp.reached_by(tls="tls")) as send:
        error = await failure(send)
    assert error.type == "MailServerUnreachable"
    assert smtp.mails == []


async def test_an_address_the_server_cannot_write_to_is_refused(sending: Sending) -> None:
    to = Address(name="Lars", email="lårs@contoso.example")
    async with SmtpServer({"no utf8": ""}) as server, sending(server.reached_by()) as send:
        result = await send(notice("consent", "contact", to=to))
    assert result.outcome == "refused"
    assert "ASCII" in result.detail
    async with SmtpServer() as server, sending(server.reached_by()) as send:
        result = await send(notice("consent", "contact", to=to))
    assert result.outcome == "accepted"
    assert server.recipients == ["lårs@contoso.example"]


async def test_a_notice_that_lacks_facts_is_an_error_that_quotes_none(
    smtp: SmtpServer, sending: Sending
) -> None:
    told = notice("consent", "contact").model_copy(update={"facts": {"partner": "lars@x.example"}})
    async with sending(smtp.reached_by()) as send:
        error = await failure(send, told)
    assert error.type == "NoticeUnwritten"
    assert smtp.mails == []


async def test_a_consent_notice_without_an_end_to_print_is_not_sent(
    smtp: SmtpServer, sending: Sending
) -> None:
    async with sending(smtp.reached_by()) as send:
        error = await failure(send, CONSENT.model_copy(update={"promise": None}))
    assert error.type == "NoticeUnwritten"


async def test_logs_hold_ids_and_neither_addresses_nor_content(
    smtp: SmtpServer, sending: Sending, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    async with sending(smtp.reached_by()) as send:
        await send(CONSENT)
        smtp.answers["RCPT"] = "550 lars@contoso.example unknown"
        await send(CONSENT)
        smtp.answers["RCPT"] = "450 lars@contoso.example later"
        await failure(send)
    ours = [
        record.getMessage() for record in caplog.records if record.name.startswith("activities")
    ]
    assert f"notice {CLAIM}.consent.1.contact accepted" in ours
    for line in ours:
        for secret in ("lars", "Ek", "contoso", "Fabrikam", "Teams", "@"):
            assert secret.lower() not in line.lower()


async def test_an_attempt_gives_up_before_the_engine_gives_it_up(settings: Settings) -> None:
    """Else it would go on unseen, and deliver the mail beside the next attempt."""
    async with RawServer(lambda reader, writer: None) as silent:
        server = MailServer(LOOPBACK, silent.port, timeout=30)
        connection = MailConnection(server)
        environment = ActivityEnvironment()
        limit = timedelta(seconds=1)
        environment.info = replace(environment.info, start_to_close_timeout=limit)
        send = NoticeActivity(settings, connection).send_notice
        with pytest.raises(ApplicationError, match="too slow: this mail was not sent in time"):
            await environment.run(send, notice("submitted", "partner"))
        await connection.close()


async def test_tries_of_the_first_minutes_print_the_same_end_and_later_ones_count_from_then(
    smtp: SmtpServer, settings: Settings
) -> None:
    connection = MailConnection(smtp.reached_by())
    act = NoticeActivity(settings, connection).send_notice
    printed: list[datetime | None] = []
    for minutes in (0, 14, 16):
        environment = ActivityEnvironment()
        at = BEGAN + timedelta(minutes=minutes)
        environment.info = replace(environment.info, started_time=at, scheduled_time=BEGAN)
        printed.append((await environment.run(act, CONSENT)).printed_end)
    await connection.close()
    first = datetime(2026, 11, 27, 9, 14, tzinfo=UTC)
    assert printed == [first, first, first + timedelta(minutes=16)]
