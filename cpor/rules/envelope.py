"""What can be told of a message that cannot be read otherwise: its id, its sender."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast, get_args

from cpor.rules.characters import stripped
from cpor.rules.errors import Invalid
from cpor.rules.facts import RULES, By, Role, under
from cpor.rules.reading import read
from cpor.rules.shapes import is_message_id


def id_in(payloads: Sequence[object]) -> str | None:
    """The sender's id, also of a message that cannot be read otherwise."""
    if len(payloads) != 1 or not isinstance(payloads[0], dict):
        return None
    found = cast("dict[str, object]", payloads[0]).get("id")
    found = stripped(found) if isinstance(found, str) else ""
    return found if is_message_id(found) else None


def role_in(payloads: Sequence[object]) -> Role | None:
    """The role that is spoken for, also in a message that cannot be read otherwise."""
    if len(payloads) != 1 or not isinstance(payloads[0], dict):
        return None
    by = cast("dict[str, object]", payloads[0]).get("by")
    role = cast("dict[str, object]", by).get("role") if isinstance(by, dict) else None
    return cast("Role", role) if role in get_args(Role) else None


def key_of(role: Role | None, message_id: str) -> str:
    """Under which a message's receipt is kept: nobody can use up the ids of another role."""
    return f"{role or 'nobody'}:{message_id}"


def sender_in(payloads: Sequence[object], rules: int = RULES) -> By | None:
    """Who says it, also of a message that cannot be read otherwise."""
    if len(payloads) != 1 or not isinstance(payloads[0], dict):
        return None
    sent = cast("dict[str, object]", payloads[0]).get("by")
    try:
        return read(By, sent, under(rules))
    except Invalid:
        return None
