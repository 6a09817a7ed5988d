"""A real Postfix that takes mails only from hosts that greet it by a full name."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator
from pathlib import Path
from tempfile import TemporaryDirectory
from textwrap import dedent

import pytest
from temporalio.exceptions import ApplicationError

from activities.mail.smtp import Envelope, MailConnection
from cpor.engine.ports import free_ports
from cpor.settings import LOOPBACK, MailServer

POSTFIX = shutil.which("postfix")
pytestmark = [
    pytest.mark.skipif(POSTFIX is None, reason="Postfix is not installed"),
    pytest.mark.skipif(os.geteuid() != 0, reason="Postfix is started by root only"),
]

MAIN = """
    compatibility_level = 3.6
    queue_directory = {folder}/spool
    data_directory = {folder}/data
    maillog_file = {folder}/log
    maillog_file_prefixes = {folder}
    myhostname = mx.company.example
    mydestination = company.example
    inet_interfaces = 127.0.0.1
    inet_protocols = ipv4
    local_recipient_maps =
    local_transport = discard:
    default_transport = discard:
    smtpd_helo_required = yes
    smtpd_helo_restrictions = reject_non_fqdn_helo_hostname
    smtpd_recipient_restrictions = reject_unauth_destination
    smtpd_peername_lookup = no
"""
MASTER = """
    {port} inet n - n - - smtpd
    cleanup unix n - n - 0 cleanup
    qmgr unix n - n 300 1 qmgr
    rewrite unix - - n - - trivial-rewrite
    bounce unix - - n - 0 bounce
    defer unix - - n - 0 bounce
    trace unix - - n - 0 bounce
    proxymap unix - - n - - proxymap
    discard unix - - n - - discard
    error unix - - n - - error
    retry unix - - n - - error
    anvil unix - - n - 1 anvil
    postlog unix-dgram n - n - 1 postlogd
"""


@pytest.fixture
async def port() -> AsyncIterator[int]:
    with TemporaryDirectory() as temporary:
        folder, (port,) = Path(temporary), free_ports(1)
        folder.chmod(0o755)
        for name in ("spool", "data", "etc"):
            (folder / name).mkdir()
        shutil.chown(folder / "data", "postfix")
        for name, text in (("main.cf", MAIN), ("master.cf", MASTER)):
            filled = dedent(text).format(folder=folder, port=f"{LOOPBACK}:{port}")
            (folder / "etc" / name).write_text(filled)
        run = [str(POSTFIX), "-c", str(folder / "etc")]
        subprocess.run([*run, "start"], check=True, capture_output=True, timeout=60)
        try:
            yield port
        finally:
            subprocess.run([*run, "stop"], check=False, capture_output=True, timeout=60)


async def sent(port: int, ehlo: str | None) -> None:
    connection = MailConnection(MailServer(LOOPBACK, port, ehlo=ehlo))
    mail = b"Subject: A claim\r\n\r\nHello.\r\n"
    envelope = Envelope("claims@cpor.example", "reviewers@company.example", mail)
    try:
        async with asyncio.timeout(60):
            await connection.deliver(envelope)
    finally:
        await connection.close()


async def test_it_takes_a_mail_after_a_full_name_and_none_after_a_bare_one(port: int) -> None:
    await sent(port, "claims.company.example")
    with pytest.raises(ApplicationError, match="CLAIMS_SMTP_EHLO") as raised:
        await sent(port, "worker-7")
    assert raised.value.type == "MailServerGreeting"
    assert not raised.value.non_retryable, "it is ours to mend, and no fault of the recipient"
