"""How claims read what is sent to them: a data converter for clients, workers and replayers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.contrib.pydantic import PydanticPayloadConverter
from temporalio.converter import CompositePayloadConverter, DataConverter

from cpor.rules.bounds import MOST_BYTES, Unread, Unreadable, has_levels

MOST_PAYLOADS = 1000
MOST_OPENED = 10_000
"""Lists and objects in a payload, and brackets in its texts: each costs more than its byte."""
MOST_LEVELS = 50
"""Of lists and objects in one another. No message has ten. What is read to the last level that a
reader knows could not be handed on inside of something else, to whoever judges its signature."""
READABLE = (b"json/plain", b"binary/null")
"""Other encodings name classes of this process that would read them."""


class TolerantConverter(CompositePayloadConverter):
    """Pydantic's JSON. Where no type is asked for, what cannot be decoded becomes `Unreadable`.

    So a broken message reaches the claim, which refuses it, instead of failing a workflow task; and
    one that is too large reaches it at no cost.
    """

    def __init__(self) -> None:
        # The SDK makes a converter for each payload; what they consist of is made once.
        super().__init__(*_PYDANTIC)

    def from_payloads(
        self, payloads: Sequence[Payload], type_hints: list[type] | None = None
    ) -> list[Any]:
        if type_hints is not None:
            return super().from_payloads(payloads, type_hints)
        if len(payloads) > MOST_PAYLOADS:
            return [Unreadable()] * len(payloads)
        if sum(payload.ByteSize() for payload in payloads) >= MOST_BYTES:
            return [Unread(payload.data) for payload in payloads]
        return [self._read(payload) for payload in payloads]

    def _read(self, payload: Payload) -> Any:
        if payload.metadata.get("encoding") not in READABLE:
            return Unreadable()
        opened = payload.data.count(b"[") + payload.data.count(b"{")
        if opened > MOST_OPENED:
            return Unreadable()
        try:
            found = super().from_payloads([payload])[0]
        except Exception:
            return Unreadable()
        return Unreadable() if opened > MOST_LEVELS and has_levels(found, MOST_LEVELS) else found


_PYDANTIC = tuple(PydanticPayloadConverter().converters.values())


def with_our_payloads(given: DataConverter | None = None) -> DataConverter:
    return replace(given or DataConverter.default, payload_converter_class=TolerantConverter)
