"""The record of a claim, as the store keeps it."""

from __future__ import annotations

import json
from typing import Any

from cpor.rules import views
from cpor.rules.chain import sealed
from tests.rules.play import Play


def record_of(play: Play) -> dict[str, Any]:
    return json.loads(json.dumps(sealed({"run": "run-1", **views.record(play.claim.state)})))
