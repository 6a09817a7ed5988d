"""What a portal written in Python imports."""

from portal.client import ClaimsClient
from portal.connection import Where, connect, where
from portal.debts import OpenDebt, Retried
from portal.errors import (
    ClaimClosed,
    ClaimExists,
    ClaimUnknown,
    EngineUnreachable,
    MessageRefused,
    NoAnswer,
    PortalError,
)

__all__ = [
    "ClaimClosed",
    "ClaimExists",
    "ClaimUnknown",
    "ClaimsClient",
    "EngineUnreachable",
    "MessageRefused",
    "NoAnswer",
    "OpenDebt",
    "PortalError",
    "Retried",
    "Where",
    "connect",
    "where",
]
