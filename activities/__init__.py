"""What a claim asks of the world, one file for each thing outside."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from typing import Any, Self

from pydantic import SecretStr

from activities import proofs
from activities.associations import AssociationsActivity
from activities.directory import DirectoryActivity, HttpDirectory
from activities.events.delivery import (
    HandOffActivity,
    HttpReceiver,
    Outbox,
    PortalEventActivity,
    Receiver,
)
from activities.events.signature import Signer
from activities.evidence import EvidenceActivity
from activities.mail.notices import NoticeActivity
from activities.mail.smtp import MailConnection
from activities.proof_files import ProofFilesActivity
from activities.proofs import ProofActivity
from activities.records import RecordActivity
from activities.rules import RulesActivity
from activities.virus_scanner import VirusScanner
from cpor.evidence.confinement import Readers
from cpor.settings import Settings
from cpor.stamps import Stamps
from cpor.store import Store


class Activities(AsyncExitStack):
    """All activities of a worker, and the connections that they share until the end of the block.

    `async with Activities(settings) as activities` and then `activities.all`.
    """

    all: Sequence[Callable[..., Any]] = ()
    proofs: ProofActivity
    """Also the judge whom a worker's workflows ask."""
    readers: Readers
    """Of proof files; their processes are measured beside those of the worker."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self._settings = settings
        self.stamps = Stamps.of(settings)

    async def __aenter__(self) -> Self:
        settings, store = self._settings, Store.open(self._settings.store_url)
        connection = MailConnection(settings.mail_server)
        self.push_async_callback(connection.close)
        self.proofs = await ProofActivity.of(settings)
        self.push_async_callback(proofs.ended, asyncio.create_task(self.proofs.keys.follow()))
        self.readers = await self.enter_async_context(Readers())
        associations = AssociationsActivity(self.stamps)
        self.all = (
            NoticeActivity(settings, connection).send_notice,
            EvidenceActivity(store).seal_evidence,
            ProofFilesActivity(store, self.readers, self._virus_scanner()).look_into_proof,
            DirectoryActivity(self._directory()).ask_directory,
            HandOffActivity(settings.event_source, self._incentive_engine(), store).hand_off,
            PortalEventActivity(settings.event_source, self._portal(), store).send_event,
            RecordActivity(store).keep_record,
            RulesActivity(settings).pin_rules,
            associations.call_associations,
            associations.tell_claim,
            associations.gather_accounts,
            self.proofs.judge_proof,
        )
        return self

    def _virus_scanner(self) -> VirusScanner | None:
        return VirusScanner(self._settings.clamd) if self._settings.clamd else None

    def _directory(self) -> HttpDirectory | None:
        settings = self._settings
        if settings.directory_url is None:
            return None
        directory = HttpDirectory(
            settings.directory_url, settings.directory_token, settings.directory_timeout
        )
        self.push_async_callback(directory.close)
        return directory

    def _incentive_engine(self) -> Receiver:
        settings = self._settings
        url, keys = settings.hand_off_url, settings.hand_off_keys
        found = self._receiver("The incentive engine", url, keys)
        return found or Outbox(settings.outbox_folder)

    def _portal(self) -> Receiver | None:
        settings = self._settings
        return self._receiver("The portal", settings.portal_events_url, settings.portal_events_keys)

    def _receiver(self, name: str, url: str | None, keys: SecretStr | None) -> Receiver | None:
        if url is None:
            return None
        receiver = HttpReceiver(name, url, self._settings.hand_off_timeout, Signer(keys))
        self.push_async_callback(receiver.close)
        return receiver
