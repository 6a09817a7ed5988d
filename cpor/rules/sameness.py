"""When two messages are the same: they say the same, however they are written."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any, cast

from cpor.rules.errors import Invalid
from cpor.rules.facts import STORED
from cpor.rules.messages import Edit, Message, read
from cpor.rules.proof import without_proof


def digest_of(name: str, payloads: Sequence[object]) -> str:
    """Tells the same message from another under the same id.

    What cannot be read is the same only as it was sent; several payloads have none. Whether it was
    signed, and how often, makes no difference.
    """
    if len(payloads) != 1:
        return ""
    try:
        said: Sequence[object] = [_said(read(name, payloads, STORED))]
    except Invalid:
        said = [_as_sent(payloads[0])]
    content = json.dumps([name, list(said)], sort_keys=True, default=lambda _: "unreadable")
    return hashlib.sha256(content.encode("utf-8", "replace")).hexdigest()


def _as_sent(payload: object) -> object:
    return without_proof(cast("Any", payload)) if isinstance(payload, dict) else payload


def _said(message: Message) -> Mapping[str, Any]:
    """A default that is spelled out says nothing more.

    But in the changes of an edit a null does: it takes a technical contact away.
    """
    said = message.model_dump(mode="json", exclude_defaults=True, exclude={"by": {"proof"}})
    if isinstance(message, Edit):
        changes: Mapping[str, Any] = said["changes"]
        named = sorted(message.changes.model_fields_set)
        said["changes"] = {field: changes.get(field) for field in named}
    return said
