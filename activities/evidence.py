"""Proof files: checked against what the claim says of them, then sealed under their hash."""

from __future__ import annotations

from temporalio import activity

from activities import failures
from cpor.rules.effects.evidence import Seal, SealDebt, SealResult
from cpor.store import Store


class EvidenceActivity:
    def __init__(self, store: Store) -> None:
        self._store = store

    @activity.defn(name=SealDebt.activity)
    async def seal_evidence(self, seal: Seal) -> SealResult:
        """A missing or changed file is an answer; a store that fails is an error, tried again."""
        with failures.store_failures():
            return SealResult(
                states={
                    file.sha256: await self._store.seal(seal.claim_id, file.sha256, file.size)
                    for file in seal.files
                }
            )
