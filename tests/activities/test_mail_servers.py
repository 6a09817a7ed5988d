"""What mail servers do to those who hand mails over: encrypt, hang, die, change their minds."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from temporalio.exceptions import ApplicationError

from activities.mail.smtp import Envelope as Mail
from activities.mail.smtp import MailConnection, Undeliverable
from cpor.settings import MailServer, TlsMode
from tests.activities.servers import AUTHORITY, SmtpServer

CONTENT = b"Message-ID: <CPOR-7Q2M4X.consent.1.contact@cpor.example>\r\n\r\nHello Lars Ek,\r\n"
TO_LARS = Mail("claims@cpor.example", "lars@contoso.example", CONTENT)
TO_EVA = replace(TO_LARS, recipient="eva@contoso.example")
SOON = 2.0
"""Seconds, in place of the half minute that a real server is given."""


@asynccontextmanager
async def speaking_to(server: MailServer) -> AsyncGenerator[MailConnection]:
    connection = MailConnection(server)
    try:
        yield connection
    finally:
        await connection.close()


async def failure(connection: MailConnection, mail: Mail = TO_LARS) -> str:
    """Why it is to be tried again."""
    with pytest.raises(ApplicationError) as raised:
        await connection.deliver(mail)
    assert not raised.value.non_retryable
    assert "@" not in raised.value.message
    return raised.value.type or ""


@pytest.fixture(autouse=True)
def tried_as_the_engine_does(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no activity here whose retry policy could say how long to wait."""
    monkeypatch.setattr("activities.failures._growing_pause", lambda: None)


# Encryption


@pytest.fixture
def its_authority_is_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    known = tmp_path / "authorities.pem"
    AUTHORITY.cert_pem.write_to_path(known)
    monkeypatch.setenv("SSL_CERT_FILE", str(known))


@pytest.mark.parametrize("tls", ["starttls", "tls"])
async def test_a_mail_is_encrypted_for_a_server_that_proves_who_it_is(
    tls: TlsMode, its_authority_is_known: None
) -> None:
    async with SmtpServer(password="right", tls=tls) as server:
        reached = server.reached_by("us", "right", tls)
        async with speaking_to(reached) as connection:
            await connection.deliver(TO_LARS)
            await connection.deliver(TO_EVA)
    assert server.recipients == [TO_LARS.recipient, TO_EVA.recipient]
    assert server.connections == 1


@pytest.mark.parametrize("tls", ["starttls", "tls"])
async def test_a_server_with_a_certificate_that_nobody_vouches_for_gets_nothing(
    tls: TlsMode,
) -> None:
    async with (
        SmtpServer(password="right", tls=tls) as server,
        speaking_to(server.reached_by("us", "right", tls)) as connection,
    ):
        with pytest.raises(ApplicationError, match="does not prove who it is"):
            await connection.deliver(TO_LARS)
    assert server.mails == []


async def test_a_certificate_is_for_the_name_that_was_called(its_authority_is_known: None) -> None:
    async with SmtpServer(tls="tls") as server:
        elsewhere = replace(server.reached_by(tls="tls"), host="localhost")
        async with speaking_to(elsewhere) as connection:
            with pytest.raises(ApplicationError, match="does not prove who it is"):
                await connection.deliver(TO_LARS)


async def test_a_server_that_insists_on_tls_is_not_the_customers_fault() -> None:
    async with (
        SmtpServer(tls="starttls") as server,
        speaking_to(server.reached_by()) as connection,
    ):
        assert await failure(connection) == "MailServerLogin"


# A server that dies, hangs or is tired


class DiesInData(SMTP):
    """Asks for the mail, hears its beginning, and is gone."""

    async def smtp_DATA(self, arg: str) -> None:
        await self.push("354 go on")
        await self._reader.readline()
        assert self.transport is not None
        self.transport.close()


class Tired(SMTP):
    """Says 421 to everything, its greeting included."""

    async def push(self, status: str | bytes) -> None:
        await super().push("421 4.3.2 lars@contoso.example may come tomorrow")


class DropsAfterData(SMTP):
    """Takes the mail, says so, and hangs up."""

    async def smtp_DATA(self, arg: str) -> None:
        await super().smtp_DATA(arg)
        assert self.transport is not None
        self.transport.close()


class TakesAndDies(SmtpServer):
    """Has taken the mail when it dies, and nobody heard it say so."""

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        answer = await super().handle_DATA(server, session, envelope)
        if len(self.mails) == 1:
            assert server.transport is not None
            server.transport.close()
        return answer


class Greylisting(SmtpServer):
    """Believes only those who come back."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[str] = set()

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address not in self.seen:
            self.seen.add(address)
            return f"451 4.7.1 <{address}>: greylisted, come back in five minutes"
        return await super().handle_RCPT(server, session, envelope, address, options)


class Hanging(SmtpServer):
    """Falls silent at one command."""

    def __init__(self, command: str) -> None:
        super().__init__()
        self.command = command

    async def _perhaps_for_ever(self, command: str) -> None:
        if command == self.command:
            await asyncio.Event().wait()

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        await self._perhaps_for_ever("MAIL")
        return await super().handle_MAIL(server, session, envelope, address, options)

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        await self._perhaps_for_ever("RCPT")
        return await super().handle_RCPT(server, session, envelope, address, options)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        await self._perhaps_for_ever("DATA")
        return await super().handle_DATA(server, session, envelope)


async def test_a_server_that_dies_in_the_middle_of_a_mail_has_not_got_it(
    smtp: SmtpServer,
) -> None:
    smtp.speaks = DiesInData
    async with speaking_to(smtp.reached_by()) as connection:
        assert await failure(connection) == "MailServerUnreachable"
        smtp.speaks = SMTP
        await connection.deliver(TO_LARS)
    assert len(smtp.mails) == 1


async def test_a_server_that_is_tired_of_everything_is_tried_again(smtp: SmtpServer) -> None:
    smtp.speaks = Tired
    async with speaking_to(smtp.reached_by()) as connection:
        assert await failure(connection) == "MailServerBusy"
        smtp.speaks = SMTP
        await connection.deliver(TO_LARS)
    assert len(smtp.mails) == 1


async def test_a_server_that_greylists_gets_the_mail_when_it_is_tried_again() -> None:
    async with Greylisting() as server, speaking_to(server.reached_by()) as connection:
        for mail in (TO_LARS, TO_EVA):
            assert await failure(connection, mail) == "MailServerBusy"
            await connection.deliver(mail)
    assert server.recipients == [TO_LARS.recipient, TO_EVA.recipient]


@pytest.mark.parametrize("command", ["MAIL", "RCPT", "DATA"])
async def test_a_server_that_hangs_is_left_and_called_anew(command: str) -> None:
    async with Hanging(command) as server:
        reached = replace(server.reached_by(), timeout=SOON)
        async with speaking_to(reached) as connection:
            assert await failure(connection) == "MailServerUnreachable"
            server.command = ""
            await connection.deliver(TO_LARS)
    assert (len(server.mails), server.connections) == (1, 2)


async def test_a_server_that_takes_a_mail_and_hangs_up_has_taken_it(smtp: SmtpServer) -> None:
    smtp.speaks = DropsAfterData
    async with speaking_to(smtp.reached_by()) as connection:
        await connection.deliver(TO_LARS)
        await connection.deliver(TO_EVA)
    assert smtp.recipients == [TO_LARS.recipient, TO_EVA.recipient]
    assert smtp.connections == 2


async def test_where_the_yes_got_lost_the_mail_is_sent_twice_under_one_message_id() -> None:
    async with TakesAndDies() as server, speaking_to(server.reached_by()) as connection:
        assert await failure(connection) == "MailServerUnreachable"
        await connection.deliver(TO_LARS)
    assert len(server.mails) == 2
    assert len({mail["Message-ID"] for mail in server.mails}) == 1


async def test_each_recipient_has_a_result_of_their_own(smtp: SmtpServer) -> None:
    async with speaking_to(smtp.reached_by()) as connection:
        smtp.answers["RCPT"] = "550 5.1.1 nobody here"
        with pytest.raises(Undeliverable):
            await connection.deliver(TO_LARS)
        del smtp.answers["RCPT"]
        await connection.deliver(TO_EVA)
    assert smtp.recipients == [TO_EVA.recipient]
    assert smtp.connections == 1
