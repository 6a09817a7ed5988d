"""Receivers verify with libraries of the specification, so these tests do too."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from pydantic import SecretStr
from standardwebhooks import WebhookVerificationError

from activities.events.signature import Signer, wall_clock
from tests.activities.deliveries import BOTH_KEYS, NEW_KEY, OLD_KEY, ROOT, verifies

EVENT_ID = "CPOR-7Q2M4X.ready.1"
BODY = '{"name": "Größe"}'.encode()


def signed(keys: str, clock: Any = wall_clock) -> dict[str, str]:
    return dict(Signer(SecretStr(keys), clock).headers(EVENT_ID, BODY))


def test_the_signature_is_the_one_of_the_specifications_own_example() -> None:
    signer = Signer(SecretStr(OLD_KEY), lambda: datetime.fromtimestamp(1614265330, UTC))
    headers = signer.headers("msg_p5jXN8AQM9LWM0D4loKWxJek", b'{"test": 2432232314}')
    assert headers == {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    }


@pytest.mark.parametrize("key", [OLD_KEY, NEW_KEY])
def test_while_keys_are_changed_a_receiver_with_either_is_content(key: str) -> None:
    headers = signed(BOTH_KEYS)
    assert len(headers["webhook-signature"].split(" ")) == 2
    assert verifies(key, headers, BODY)


def test_a_receiver_that_still_has_the_old_key_is_served_until_it_is_taken_away() -> None:
    for keys in (OLD_KEY, BOTH_KEYS):
        assert verifies(OLD_KEY, signed(keys), BODY)
    with pytest.raises(WebhookVerificationError, match="No matching signature"):
        verifies(OLD_KEY, signed(NEW_KEY), BODY)


@pytest.mark.parametrize("changed", ["webhook-id", "webhook-timestamp", "body"])
def test_nothing_of_it_can_be_changed_on_the_way(changed: str) -> None:
    headers, body = signed(OLD_KEY), BODY
    if changed == "body":
        body = BODY.replace(b"G", b"g")
    elif changed == "webhook-id":
        headers[changed] += "0"
    else:
        headers[changed] = str(int(headers[changed]) + 1)
    with pytest.raises(WebhookVerificationError, match="No matching signature"):
        verifies(OLD_KEY, headers, body)


def test_each_attempt_is_signed_for_its_own_moment() -> None:
    moments = iter(wall_clock() - timedelta(seconds=age) for age in (90, 0))
    signer = Signer(SecretStr(OLD_KEY), lambda: next(moments))
    first, second = (signer.headers(EVENT_ID, BODY) for _ in range(2))
    assert int(second["webhook-timestamp"]) - int(first["webhook-timestamp"]) in (90, 91)
    assert first["webhook-signature"] != second["webhook-signature"]
    assert all(verifies(OLD_KEY, headers, BODY) for headers in (first, second))


def test_what_was_signed_minutes_ago_is_turned_away() -> None:
    headers = signed(OLD_KEY, lambda: wall_clock() - timedelta(minutes=6))
    with pytest.raises(WebhookVerificationError, match="too old"):
        verifies(OLD_KEY, headers, BODY)


def test_without_a_key_nothing_is_signed() -> None:
    assert Signer(None).headers(EVENT_ID, BODY) == {}


@pytest.mark.parametrize("key", [OLD_KEY, NEW_KEY])
def test_the_documented_lines_verify_it(key: str) -> None:
    verify = documented()
    assert verify(BODY, signed(BOTH_KEYS), [key]) == {"name": "Größe"}


@pytest.mark.parametrize(
    "changes",
    [
        {"webhook-signature": "v1,bm8="},
        {"webhook-signature": "v2,bm8="},
        {"webhook-signature": "no"},
        {"webhook-timestamp": "0"},
        {"webhook-timestamp": "soon"},
    ],
)
def test_the_documented_lines_turn_all_else_away(changes: dict[str, str]) -> None:
    with pytest.raises(PermissionError):
        documented()(BODY, signed(OLD_KEY) | changes, [OLD_KEY])


def documented() -> Any:
    page = (ROOT / "docs/events.md").read_text("utf-8")
    (lines,) = re.findall(r"```python\n(.*?)```", page, re.S)
    found: dict[str, Any] = {}
    exec(lines, found)
    return found["verified"]
