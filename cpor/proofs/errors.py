"""What is wrong with keys and trust."""

from __future__ import annotations

from cpor.rules.errors import ClaimError


class KeyUnusable(ClaimError):
    """A key, or a file of keys, that cannot be used: which one, and why."""


class Unproven(ClaimError):
    """Why a proof proves nothing."""
