"""What a claim asks of the world, one file for each thing outside.

async with Activities(settings) as activities:
    worker = Worker(client, task_queue="claims", activities=activities.all, ...)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Self

from activities.directory import DirectoryActivity, HttpDirectory
from activities.eligibility import HandOffActivity, HttpReceiver, Outbox, Receiver
from activities.evidence import EvidenceActivity
from activities.mail import MailConnection
from activities.notices import NoticeActivity
from activities.records import RecordActivity
from activities.rules import RulesActivity
from settings import Settings
from store import Store

__all__ = ["Activities"]


class Activities:
    """Owns the connections that all activities of a worker share."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._open = AsyncExitStack()
        self.all: Sequence[Callable[..., Any]] = ()

    async def __aenter__(self) -> Self:
        settings, store = self._settings, Store.open(self._settings.store_url)
        connection = MailConnection(settings.mail_server)
        self._open.push_async_callback(connection.close)
        self.all = (
            NoticeActivity(settings, connection).send_notice,
            EvidenceActivity(store).seal_evidence,
            DirectoryActivity(self._directory()).ask_directory,
            HandOffActivity(settings.event_source, self._receiver()).hand_off,
            RecordActivity(store).keep_record,
            RulesActivity(settings).pin_rules,
        )
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self._open.aclose()

    def _directory(self) -> HttpDirectory | None:
        settings = self._settings
        if settings.directory_url is None:
            return None
        directory = HttpDirectory(
            settings.directory_url, settings.directory_token, settings.directory_timeout
        )
        self._open.push_async_callback(directory.close)
        return directory

    def _receiver(self) -> Receiver:
        if self._settings.hand_off_url is None:
            return Outbox(self._settings.outbox_folder)
        receiver = HttpReceiver(self._settings.hand_off_url, self._settings.hand_off_timeout)
        self._open.push_async_callback(receiver.close)
        return receiver
