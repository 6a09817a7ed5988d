"""What can't be read reaches the claim as such, instead of being dropped or failing a task."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.contrib.pydantic import PydanticPayloadConverter
from temporalio.converter import CompositePayloadConverter, DataConverter

from cpor.rules.messages import Unreadable

_PYDANTIC = tuple(PydanticPayloadConverter().converters.values())


class TolerantConverter(CompositePayloadConverter):
    """Where no type was asked for, a payload that cannot be decoded becomes `Unreadable`."""

    def __init__(self) -> None:
        # The SDK makes a converter for each payload; what they consist of is made once.
        super().__init__(*_PYDANTIC)

    def from_payloads(
        self, payloads: Sequence[Payload], type_hints: list[type] | None = None
    ) -> list[Any]:
        if type_hints is not None:
            return super().from_payloads(payloads, type_hints)
        return [self._read(payload) for payload in payloads]

    def _read(self, payload: Payload) -> Any:
        try:
            return super().from_payloads([payload])[0]
        except Exception:
            return Unreadable()


DATA_CONVERTER = DataConverter(payload_converter_class=TolerantConverter)
