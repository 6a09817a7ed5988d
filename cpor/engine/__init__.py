"""A Temporal engine for machines without one: found, downloaded or built, and run while needed.

What starts one is imported when it is first used: most commands speak to one that runs.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from cpor.engine.environment import configured
from cpor.engine.errors import (
    DataInUse,
    DataUnusable,
    EngineError,
    EngineFailed,
    EngineNotFound,
    EngineUnfit,
    NamespaceMissing,
    NotConfigured,
    NotObtained,
    RegistrationFailed,
)

if TYPE_CHECKING:
    from cpor.engine.launch import Engine, running
    from cpor.engine.registration import missing_attributes, register

__all__ = [
    "DataInUse",
    "DataUnusable",
    "Engine",
    "EngineError",
    "EngineFailed",
    "EngineNotFound",
    "EngineUnfit",
    "NamespaceMissing",
    "NotConfigured",
    "NotObtained",
    "RegistrationFailed",
    "configured",
    "missing_attributes",
    "register",
    "running",
]

_MODULE_OF = {
    "Engine": "cpor.engine.launch",
    "missing_attributes": "cpor.engine.registration",
    "register": "cpor.engine.registration",
    "running": "cpor.engine.launch",
}


def __getattr__(name: str) -> object:
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_MODULE_OF[name]), name)
