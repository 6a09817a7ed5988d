"""A browser for pages of the stack."""

from __future__ import annotations

import httpx


def browser(timeout: float = 60) -> httpx.AsyncClient:
    """Without TLS: to load its certificates takes longer than most of what is asked here."""
    return httpx.AsyncClient(trust_env=False, verify=False, timeout=timeout)
