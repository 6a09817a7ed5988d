"""Names that every client needs, in whatever language it is written."""

from __future__ import annotations

WORKFLOW = "Claim"
TASK_QUEUE = "claims"
