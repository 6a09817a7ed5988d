"""The list of messages from which people choose in the engine's UI.

A handler of all other names has none itself, and the UI would show an empty line.
"""

from __future__ import annotations

from typing import Any

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
        return answer
