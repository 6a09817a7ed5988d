"""Mails a second, written and sent, beside the same bytes sent by the library alone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from itertools import cycle, islice
from statistics import median

from aiosmtplib import SMTP
from pydantic import SecretStr
from temporalio.testing import ActivityEnvironment

from activities.mail.notices import NoticeActivity
from activities.mail.smtp import Envelope, MailConnection
from bench import sink
from bench.life import Life
from bench.subjects import KEY
from cpor.rules.effects.notice import Notice
from cpor.settings import Settings

MAILS = 60
AT_ONCE = 10
"""Activities of a worker, which hand their mails over one after the other."""


class Desk(MailConnection):
    """Keeps what is handed over, and sends nothing."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings.mail_server)
        self.kept: list[Envelope] = []

    async def deliver(self, envelope: Envelope) -> None:
        self.kept.append(envelope)


async def milliseconds_to_write(times: int = 300) -> float:
    """CPU from a notice to the bytes of its mail, the median."""
    settings, notices = _settings(port=1), Life.whole().notices
    activity, seconds = NoticeActivity(settings, Desk(settings)), list[float]()
    for number in range(times):
        began = time.process_time()
        await ActivityEnvironment().run(activity.send_notice, notices[number % len(notices)])
        seconds.append(time.process_time() - began)
    return 1000 * median(seconds)


async def beside_the_library(rounds: int = 7) -> float:
    notices = list(islice(cycle(Life.whole().notices), MAILS))
    async with sink.listening() as port:
        settings = _settings(port)
        desk, connection = Desk(settings), MailConnection(settings.mail_server)
        await _send(NoticeActivity(settings, desk), notices)
        activity = NoticeActivity(settings, connection)
        bare = SMTP(hostname="127.0.0.1", port=port, start_tls=False)
        await bare.connect()
        ratios: list[float] = []
        for _ in range(rounds):
            began = time.monotonic()
            for mail in desk.kept:
                await bare.sendmail(mail.sender, [mail.recipient], mail.content)
            turn = time.monotonic()
            await _send(activity, notices)
            ratios.append((turn - began) / (time.monotonic() - turn))
        await bare.quit()
        await connection.close()
    return median(ratios)


async def _send(activity: NoticeActivity, notices: Sequence[Notice]) -> None:
    remaining = iter(notices)

    async def one_after_the_other() -> None:
        for notice in remaining:
            await ActivityEnvironment().run(activity.send_notice, notice)

    await asyncio.gather(*(one_after_the_other() for _ in range(AT_ONCE)))


def _settings(port: int) -> Settings:
    return Settings(smtp_host=None, mailbox_port=port, worker_keys=SecretStr(KEY))
