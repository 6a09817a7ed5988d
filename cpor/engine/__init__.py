"""A Temporal engine for machines without one: found, downloaded or built, and run while needed."""

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
