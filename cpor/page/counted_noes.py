"""What became of the noes that customers said here, as a metric."""

from __future__ import annotations

from typing import Literal, get_args

from temporalio.common import MetricMeter

Outcome = Literal["answered", "sent", "kept", "passed_on", "not_taken", "may_be_lost"]
"""`answered` by the claim; `sent`: Temporal has it, and no worker has answered; `kept`: only the
store has it, until it is `passed_on` or, by the claim, `not_taken`; `may_be_lost`: neither has."""


class CountedNoes:
    """Without a meter nothing is counted."""

    def __init__(self, meter: MetricMeter = MetricMeter.noop) -> None:
        self._metric = meter.create_counter(
            "claims_page_noes", "Noes that customers said by the page, by what became of them."
        )
        # An alert watches its growth, and that needs a first value.
        for outcome in get_args(Outcome):
            self._metric.add(0, {"outcome": outcome})

    def count(self, outcome: Outcome) -> None:
        self._metric.add(1, {"outcome": outcome})
