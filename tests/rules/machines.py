"""How long state machines of Hypothesis are tried: the same sequences each time."""

from __future__ import annotations

from hypothesis import HealthCheck, settings


def tried(examples: int, steps: int) -> settings:
    return settings(
        max_examples=examples,
        stateful_step_count=steps,
        derandomize=True,
        database=None,
        suppress_health_check=(HealthCheck.too_slow, HealthCheck.data_too_large),
    )
