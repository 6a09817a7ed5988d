"""Replays a history with whatever code the path leads to, and prints the claim it ends with.

python replayed.py CPOR-7Q2M4X.json
"""

from __future__ import annotations

import functools
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from temporalio.client import WorkflowHistory
from temporalio.worker import Interceptor, Replayer, UnsandboxedWorkflowRunner

from cpor import exits
from cpor.plugin import ClaimsPlugin
from workflows.claim import ClaimWorkflow


def history_in(kept: Path) -> WorkflowHistory:
    return WorkflowHistory.from_json(kept.stem, kept.read_text("utf-8"))


async def claim_after(history: WorkflowHistory, interceptors: Sequence[Interceptor] = ()) -> str:
    """The whole claim, as JSON; raises if its commands are others."""
    seen: list[ClaimWorkflow] = []
    begin = ClaimWorkflow.__init__

    @functools.wraps(begin)
    def remember(self: ClaimWorkflow, *opening: Any) -> None:
        begin(self, *opening)
        seen.append(self)

    ClaimWorkflow.__init__ = remember
    replayer = Replayer(
        workflows=[ClaimWorkflow],
        plugins=[ClaimsPlugin()],
        interceptors=interceptors,
        workflow_runner=UnsandboxedWorkflowRunner(),
        debug_mode=True,
    )
    try:
        await replayer.replay_workflow(history)
    finally:
        ClaimWorkflow.__init__ = begin
    return seen[-1].claim.state.model_dump_json(indent=1)


async def main(kept: Path) -> int:
    sys.stdout.write(await claim_after(history_in(kept)))
    return exits.DONE


if __name__ == "__main__":
    exits.run(main(Path(sys.argv[1])))
