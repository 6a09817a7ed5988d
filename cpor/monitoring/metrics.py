"""The SDK's runtime: it shows metrics to Prometheus and forwards the log lines of its core."""

from __future__ import annotations

import logging
import re

from temporalio.runtime import (
    LogForwardingConfig,
    LoggingConfig,
    PrometheusConfig,
    Runtime,
    TelemetryConfig,
)

from cpor.monitoring import Unusable

WORKERS, PAGES = "CLAIMS_METRICS_ADDRESS", "CLAIMS_DECLINE_METRICS_ADDRESS"
"""The settings that say where a process shows its metrics."""


def start_runtime(at: str | None, setting: str) -> Runtime:
    """The runtime of all clients and workers that this process creates afterwards."""
    metrics = at and PrometheusConfig(
        bind_address=at, counters_total_suffix=True, unit_suffix=True, durations_as_seconds=True
    )
    core = LogForwardingConfig(
        logging.getLogger("temporalio.core"),
        append_target_to_name=False,
        prepend_target_on_message=False,
        append_log_fields_to_message=False,
    )
    log = LoggingConfig(LoggingConfig.default.filter, core)
    try:
        runtime = Runtime(
            telemetry=TelemetryConfig(
                logging=log, metrics=metrics or None, attach_service_name=False
            )
        )
    except ValueError as error:
        why = re.sub(r" \(os error \d+\)$", "", str(error)).rpartition(": ")[2]
        raise Unusable(
            f"Metrics cannot be shown at {at}: {why}. Set another {setting}, or end "
            "what listens there."
        ) from None
    Runtime.set_default(runtime)
    return runtime
