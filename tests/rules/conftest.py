"""How long the rules are tried in any order: shortly by default, long when asked to."""

from __future__ import annotations

from hypothesis import HealthCheck, settings

settings.register_profile(
    "long",
    derandomize=True,
    database=None,
    max_examples=5_000,
    stateful_step_count=60,
    suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large),
)
