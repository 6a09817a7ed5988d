"""Values that are the same for many claims are held once: a worker has thousands in memory."""

from __future__ import annotations

from typing import Any, TypeVar
from weakref import WeakValueDictionary

from pydantic import AfterValidator, BaseModel

Value = TypeVar("Value", bound=BaseModel)
_held = WeakValueDictionary[str, Any]()


def _shared(value: Value) -> Value:
    return _held.setdefault(repr(value), value)


SHARED = AfterValidator(_shared)
"""For models that never change: what is read is the one that is held already, if there is one."""
