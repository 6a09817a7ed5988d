"""What the engine's UI shows of a claim: its page, and the messages from which people choose.

The page is written when somebody looks, and not each time the claim changes. A handler of all other
names has no name itself, and the UI would show an empty line.
"""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable

from temporalio import workflow
from temporalio.worker import (
    HandleQueryInput,
    Interceptor,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
)

with workflow.unsafe.imports_passed_through():
    from temporalio.api.sdk.v1 import WorkflowMetadata

ANY_OTHER = "any other name"


@runtime_checkable
class Shown(Protocol):
    """A workflow that has a page."""

    def page(self) -> str:
        """How it stands now, in Markdown."""
        ...


class DialogInterceptor(Interceptor):
    def workflow_interceptor_class(
        self, input: WorkflowInterceptorClassInput
    ) -> type[WorkflowInboundInterceptor] | None:
        return _Dialog


class _Dialog(WorkflowInboundInterceptor):
    async def handle_query(self, input: HandleQueryInput) -> Any:
        answer = await super().handle_query(input)
        if isinstance(answer, WorkflowMetadata):
            definition = answer.definition
            for handler in (*definition.signal_definitions, *definition.update_definitions):
                handler.name = handler.name or ANY_OTHER
            if isinstance(shown := workflow.instance(), Shown):
                answer.current_details = shown.page()
        return answer
