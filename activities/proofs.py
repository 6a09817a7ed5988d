"""Judges signatures by the trusted keys, which a worker follows while it runs."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from pathlib import Path
from typing import Self

import httpx
from temporalio import activity

from activities.http_client import UNCALLABLE, client, opening
from cpor.proofs.errors import KeyUnusable
from cpor.proofs.trust import Trust
from cpor.proofs.verify import judge
from cpor.rules.proof import JUDGE_PROOF, ProofMode, ProofQuestion, Verdict
from cpor.settings import Settings

FILE_EVERY, ADDRESS_EVERY = 5.0, 60.0
"""Seconds until a changed key set is noticed."""
ANSWER_WITHIN = 10.0
MOST_OF_A_SET = 1024 * 1024

log = logging.getLogger(__name__)


class ProofActivity:
    """What a worker knows of proofs. Both its workflows and the activity ask `judge`."""

    def __init__(self, mode: ProofMode, keys: FollowedKeys) -> None:
        self.mode: ProofMode = mode
        self.keys = keys

    @classmethod
    async def of(cls, settings: Settings) -> Self:
        keys = FollowedKeys(settings.trusted_keys)
        await keys.read()
        return cls(settings.proofs, keys)

    def judge(self, question: ProofQuestion) -> Verdict:
        return judge(question, self.keys.trust)

    @activity.defn(name=JUDGE_PROOF)
    async def judge_proof(self, question: ProofQuestion) -> Verdict:
        return self.judge(question)


class FollowedKeys:
    """The trusted keys as they are now. A set that cannot be read leaves the one before."""

    def __init__(self, place: str | None) -> None:
        self.trust = Trust()
        self._place = place
        self._text = ""

    @property
    def _is_address(self) -> bool:
        return self._place is not None and "://" in self._place

    async def read(self) -> None:
        """Raises `KeyUnusable` with the place, the key and what is wrong with it."""
        if self._place is None:
            return
        try:
            text = await (self._fetched() if self._is_address else self._file())
            if text != self._text:
                self.trust, self._text = Trust.read(text), text
        except (OSError, UnicodeDecodeError, TimeoutError, httpx.HTTPError, *UNCALLABLE) as error:
            raise KeyUnusable(f"CLAIMS_TRUSTED_KEYS cannot be read: {error}") from None
        except KeyUnusable as error:
            raise KeyUnusable(f"CLAIMS_TRUSTED_KEYS cannot be used: {error}") from None

    async def follow(self) -> None:
        if self._place is None:
            return
        while True:
            await asyncio.sleep(ADDRESS_EVERY if self._is_address else FILE_EVERY)
            try:
                await self.read()
            except KeyUnusable as error:
                log.warning("The keys from before go on: %s", error)

    async def _file(self) -> str:
        return _whole(await asyncio.to_thread(_start_of, Path(self._place or ""))).decode()

    async def _fetched(self) -> str:
        async with (
            client(ANSWER_WITHIN) as asking,
            asyncio.timeout(2 * ANSWER_WITHIN),
            asking.stream("GET", self._place or "") as answer,
        ):
            answer.raise_for_status()
            return _whole(await opening(answer, MOST_OF_A_SET)).decode()


def _start_of(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(MOST_OF_A_SET + 1)


def _whole(found: bytes) -> bytes:
    if len(found) > MOST_OF_A_SET:
        raise KeyUnusable(f"it has more than {MOST_OF_A_SET} bytes")
    return found


async def ended(following: asyncio.Task[None]) -> None:
    following.cancel()
    with suppress(asyncio.CancelledError):
        await following
