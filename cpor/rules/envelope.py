"""What can be told of a message that cannot be read otherwise: its id, its sender, its content."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from typing import cast, get_args

from pydantic import ValidationError

from cpor.rules.bounds import check_bounds
from cpor.rules.characters import stripped
from cpor.rules.errors import Invalid
from cpor.rules.facts import RULES, By, Role, under
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
        check_bounds(By, sent)
        return By.model_validate(sent, context=under(rules))
    except Invalid:
        return None
    except ValidationError:
        return None


def digest_of(name: str, payloads: Sequence[object]) -> str:
    """Tells the same message from another under the same id; several payloads have none."""
    if len(payloads) != 1:
        return ""
    content = json.dumps([name, list(payloads)], sort_keys=True, default=lambda _: "unreadable")
    return hashlib.sha256(content.encode("utf-8", "replace")).hexdigest()
