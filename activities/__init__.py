"""What a claim asks of the world, one file for each thing outside.

async with Activities(settings) as activities:
    worker = Worker(client, task_queue="claims", activities=activities.all, ...)
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Any, Self

from pydantic import SecretStr

from activities.directory import DirectoryActivity, HttpDirectory
from activities.events.delivery import HttpReceiver, Outbox, Receiver
from activities.events.hand_off import HandOffActivity
from activities.events.portal import PortalEventActivity
from activities.events.signature import Signer
from activities.evidence import EvidenceActivity
from activities.mail.notices import NoticeActivity
from activities.mail.smtp import MailConnection
from activities.records import RecordActivity
from activities.rules import RulesActivity
from cpor.settings import Settings
from cpor.store import Store

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
            HandOffActivity(settings.event_source, self._incentive_engine()).hand_off,
            PortalEventActivity(settings.event_source, self._portal()).send_event,
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

    def _incentive_engine(self) -> Receiver:
        settings = self._settings
        if settings.hand_off_url is None:
            return Outbox(settings.outbox_folder)
        return self._receiver("The incentive engine", settings.hand_off_url, settings.hand_off_keys)

    def _portal(self) -> Receiver | None:
        settings = self._settings
        if settings.portal_events_url is None:
            return None
        return self._receiver("The portal", settings.portal_events_url, settings.portal_events_keys)

    def _receiver(self, name: str, url: str, keys: SecretStr | None) -> Receiver:
        receiver = HttpReceiver(name, url, self._settings.hand_off_timeout, Signer(keys))
        self._open.push_async_callback(receiver.close)
        return receiver
