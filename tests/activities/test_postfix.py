"""A mail server that takes mails only from hosts that greet it by a full name."""

from __future__ import annotations

import asyncio

import pytest
from temporalio.exceptions import ApplicationError

from activities.mail.smtp import Envelope, MailConnection
from cpor.settings import LOOPBACK, MailServer
from tests.postfix import NEEDED, postfix

pytestmark = NEEDED


async def sent(port: int, ehlo: str | None) -> None:
    connection = MailConnection(MailServer(LOOPBACK, port, ehlo=ehlo))
    mail = b"Subject: A claim\r\n\r\nHello.\r\n"
    envelope = Envelope("claims@cpor.example", "reviewers@company.example", mail)
    try:
        async with asyncio.timeout(60):
            await connection.deliver(envelope)
    finally:
        await connection.close()


async def test_it_takes_a_mail_after_a_full_name_and_none_after_a_bare_one() -> None:
    with postfix() as port:
        await sent(port, "claims.company.example")
        with pytest.raises(ApplicationError, match="CLAIMS_SMTP_EHLO") as raised:
            await sent(port, "worker-7")
    assert raised.value.type == "MailServerGreeting"
    assert not raised.value.non_retryable, "it is ours to mend, and no fault of the recipient"
