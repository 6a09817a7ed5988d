"""What nobody can read, or nearly: broken bytes, other shapes, real messages with a flaw."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar, cast

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from temporalio.api.common.v1 import Payload

from cpor.rules.messages import MESSAGES
from tests.examples import opening
from tests.rules.play import said

T = TypeVar("T")

TEXTS = st.text(max_size=40) | st.sampled_from(["", "\x00", "\ud800", "a@b", "1e999", "ß" * 200])
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=True)
    | TEXTS
    | st.sampled_from([10**400, -(2**63), 2**70]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
NAMES = st.sampled_from([*MESSAGES, "nonsense", "approve "])
ENCODINGS = st.sampled_from([b"json/plain"] * 8 + [b"binary/null", b"binary/plain", b"riddle", b""])


@dataclass(frozen=True)
class Sent:
    name: str
    payloads: list[Payload]


@st.composite
def flawed(draw: st.DrawFn, right: Mapping[str, Any]) -> Any:
    """A right object with one thing or several made wrong, somewhere in it."""
    whole: Any = json.loads(json.dumps(right))
    for _ in range(draw(st.integers(1, 3))):
        inside: Any = whole
        while keys := _keys(inside):
            key = draw(st.sampled_from(keys))
            if _keys(inside[key]) and draw(st.booleans()):
                inside = inside[key]
                continue
            match draw(st.sampled_from(["gone", "other", "more", "wrapped"])):
                case "gone":
                    del inside[key]
                case "other":
                    inside[key] = draw(VALUES)
                case "wrapped":
                    inside[key] = [inside[key]]
                case _:
                    _more(inside, draw(TEXTS), draw(VALUES))
            break
    return whole


def _keys(inside: Any) -> list[Any]:
    match inside:
        case dict():
            return [*cast("dict[str, Any]", inside)]
        case list():
            return [*range(len(cast("list[Any]", inside)))]
        case _:
            return []


def _more(inside: Any, name: str, value: Any) -> None:
    if isinstance(inside, dict):
        inside[name] = value
    else:
        inside.append(value)


@st.composite
def payloads(draw: st.DrawFn, right: st.SearchStrategy[Any]) -> list[Payload]:
    found: list[Payload] = []
    for _ in range(draw(st.sampled_from([1] * 12 + [0, 2, 3]))):
        value = draw(right | VALUES)
        data = json.dumps(value).encode("utf-8", "surrogatepass")
        match draw(st.sampled_from(["whole"] * 6 + ["cut", "bytes"])):
            case "cut":
                data = data[: draw(st.integers(0, len(data)))]
            case "bytes":
                data = draw(st.binary(max_size=60))
            case _:
                pass
        found.append(Payload(metadata={"encoding": draw(ENCODINGS)}, data=data))
    return found


@st.composite
def messages(draw: st.DrawFn) -> Sent:
    name = draw(NAMES)
    right = {"id": "m-1", **said(name)} if name in MESSAGES else {}
    return Sent(name, draw(payloads(flawed(right))))


def starts(claim_id: str = "CPOR-7Q2M4X") -> st.SearchStrategy[list[Payload]]:
    return payloads(flawed(opening(claim_id)))


QUESTIONS: Mapping[str, Mapping[str, Any]] = {
    "history": {"side": "partner", "after": 0, "limit": 10},
    "receipt": {"id": "m-1", "role": "partner"},
}


@st.composite
def questions(draw: st.DrawFn) -> Sent:
    name = draw(st.sampled_from([*QUESTIONS]))
    return Sent(name, draw(payloads(flawed(QUESTIONS[name]))))


SLOW = (HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.large_base_example)


def so_many(count: int) -> settings:
    """So many examples, the same each time."""
    return settings(
        max_examples=count,
        derandomize=True,
        database=None,
        suppress_health_check=SLOW,
        phases=[Phase.explicit, Phase.generate, Phase.shrink],
    )


def each_of(count: int, kind: st.SearchStrategy[T], look: Callable[[T], None]) -> int:
    """Look at so many; how many there were."""
    seen: list[None] = []

    @so_many(count)
    @given(kind)
    def every(one: T) -> None:
        seen.append(None)
        look(one)

    every()
    return len(seen)
