"""Mails a second, written and sent, beside the same bytes sent by the library alone."""

from __future__ import annotations

import time
from statistics import median

from aiosmtplib import SMTP
from pydantic import SecretStr
from temporalio.testing import ActivityEnvironment

from activities.mail.notices import NoticeActivity
from activities.mail.smtp import MailConnection
from bench import sink
from bench.life import Life
from cpor.settings import Settings

MAILS = 60
SENT = b"Subject: bench\r\n\r\n" + 100 * (b"x" * 70 + b"\r\n")


async def beside_the_library(rounds: int = 5) -> float:
    async with sink.listening() as port:
        settings = Settings(smtp_host=None, mailbox_port=port, worker_keys=SecretStr("k" * 40))
        connection = MailConnection(settings.mail_server)
        send = NoticeActivity(settings, connection).send_notice
        notices = Life.whole().notices
        bare = SMTP(hostname="127.0.0.1", port=port, start_tls=False)
        await bare.connect()
        ratios: list[float] = []
        for _ in range(rounds):
            began = time.monotonic()
            for _ in range(MAILS):
                await bare.sendmail("a@a.example", ["b@b.example"], SENT)
            turn = time.monotonic()
            for number in range(MAILS):
                await ActivityEnvironment().run(send, notices[number % len(notices)])
            ratios.append((turn - began) / (time.monotonic() - turn))
        await bare.quit()
        await connection.close()
    return median(ratios)
