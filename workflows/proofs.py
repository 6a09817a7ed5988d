"""Signatures of messages: judged once, by the worker that meets them first, and never again.

Keys come and go, but a replay must find what was found. So a verdict stands in the engine's
history: of a signal as the result of an activity, of an opening as a patch, and of an update, where
proofs are required, by the fact that a validator let it in.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Protocol, cast

from temporalio import workflow
from temporalio.worker import Interceptor, WorkflowInboundInterceptor, WorkflowInterceptorClassInput

from workflows.answers import asked

with workflow.unsafe.imports_passed_through():
    from cpor.rules import proof
    from cpor.rules.proof import JUDGE_PROOF, NO_PROOF, ProofMode, ProofQuestion, Verdict
    from cpor.rules.state import State

JUDGE = "claims_judge_of_proofs"
ASKING: tuple[ProofMode, ...] = ("require", "warn")
NO_JUDGE = Verdict(problem="this worker knows no keys")


class Judge(Protocol):
    """What a worker was told: whether to ask for proofs, and whom to trust."""

    @property
    def mode(self) -> ProofMode: ...

    def judge(self, question: ProofQuestion) -> Verdict: ...


class JudgeOfProofs(Interceptor):
    """Hands a worker's judge to its workflows."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge

    def workflow_interceptor_class(
        self, input: WorkflowInterceptorClassInput
    ) -> type[WorkflowInboundInterceptor] | None:
        input.unsafe_extern_functions[JUDGE] = lambda: self._judge
        return None


class Door:
    """Where messages wait until the claim can hear them, and leave in the order they came."""

    def __init__(self) -> None:
        self._one_by_one = asyncio.Lock()
        self._waiting = 0

    @property
    def is_busy(self) -> bool:
        return self._waiting > 0

    @asynccontextmanager
    async def in_turn(self) -> AsyncGenerator[None]:
        self._waiting += 1
        try:
            async with self._one_by_one:
                yield
        finally:
            self._waiting -= 1


async def of_signal(claim: State, name: str, payloads: Sequence[object]) -> Verdict | None:
    if claim.proofs == "off":
        return None
    question = _question(claim, name, payloads)
    if question is None:
        return NO_PROOF
    return await asked(JUDGE_PROOF, question, Verdict, "who signed it")


async def of_update(claim: State, name: str, payloads: Sequence[object]) -> Verdict | None:
    if claim.proofs != "require":
        return await of_signal(claim, name, payloads)
    found = proof.proof_in(payloads)
    return Verdict(key=proof.key_named_in(found)) if found else NO_PROOF


def at_first_sight(claim: State, name: str, payloads: Sequence[object]) -> Verdict | None:
    """For a validator: what it refuses leaves no trace."""
    if claim.proofs != "require":
        return None
    question = _question(claim, name, payloads)
    return _judged(question) if question else NO_PROOF


def of_opening(opening: Sequence[object]) -> tuple[ProofMode, Verdict | None]:
    """How strict this worker was when the claim was opened, and what it found; a replay finds it.

    The mode is a patch: a claim that is opened while proofs are off has none, and pays nothing.
    """
    question = proof.opening_question(opening, workflow.now())
    if workflow.unsafe.is_replaying():
        return _as_it_was(question)
    mode = _mode()
    if mode == "off":
        return mode, None
    verdict = _judged(question) if question else NO_PROOF
    workflow.patched(_patch(mode, verdict.key is not None))
    # A patch has no room for what was wrong: of an opening that is taken, nobody may know it.
    return mode, Verdict(key=verdict.key) if mode == "warn" else verdict


def _as_it_was(question: ProofQuestion | None) -> tuple[ProofMode, Verdict | None]:
    for mode in ASKING:
        if question and workflow.patched(_patch(mode, True)):
            return mode, Verdict(key=proof.key_named_in(question.proof))
        if workflow.patched(_patch(mode, False)):
            return mode, Verdict()
    return "off", None


def _patch(mode: ProofMode, proven: bool) -> str:
    return f"proofs-{mode}" if proven else f"proofs-{mode}-unsigned"


def _question(claim: State, name: str, payloads: Sequence[object]) -> ProofQuestion | None:
    mpn_id, now = claim.partner.mpn_id, workflow.now()
    return proof.question(claim.claim_id, mpn_id, name, payloads, now, claim.started_at)


def _mode() -> ProofMode:
    judge = _judge()
    return judge.mode if judge else "off"


def _judged(question: ProofQuestion) -> Verdict:
    judge = _judge()
    return judge.judge(question) if judge else NO_JUDGE


def _judge() -> Judge | None:
    found = cast("Mapping[str, Callable[[], Judge]]", workflow.extern_functions()).get(JUDGE)
    return found() if found else None
