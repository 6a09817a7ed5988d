"""What is signed of a message: the hash of the one form that all languages write alike."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import rfc8785

from cpor.rules.proof import without_proof


def canonical(message: Mapping[str, Any]) -> bytes:
    """RFC 8785, without the proof; `ValueError` for what JSON in that form cannot say."""
    return rfc8785.dumps(without_proof(message))


def digest(message: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical(message)).hexdigest()
