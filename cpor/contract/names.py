"""The names that a client in any language needs."""

from __future__ import annotations

WORKFLOW = "Claim"
TASK_QUEUE = "claims"
