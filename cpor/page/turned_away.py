"""Visitors whom the page turned away: as a metric, and as a log line a minute at most."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from typing import get_args

from temporalio.common import MetricMeter

from cpor.http_server import Reason
from cpor.page.wrong_links import WrongLink

log = logging.getLogger(__name__)

INTERVAL = 60.0
"""Seconds."""


class TurnedAway:
    def __init__(self, meter: MetricMeter) -> None:
        self._metric = meter.create_counter(
            "claims_page_turned_away", "Visitors whom the page turned away, by reason."
        )
        # An alert watches its growth, and that needs a first value.
        for reason in (*get_args(Reason), *get_args(WrongLink)):
            self._metric.add(0, {"reason": reason})
        self._unsaid = Counter[Reason | WrongLink]()

    def count(self, reason: Reason | WrongLink) -> None:
        self._metric.add(1, {"reason": reason})
        if not self._unsaid:
            asyncio.get_running_loop().call_later(INTERVAL, self._say)
        self._unsaid[reason] += 1

    def _say(self) -> None:
        listed = ", ".join(f"{number} {reason}" for reason, number in self._unsaid.items())
        log.warning("visitors turned away in the last minute: %s", listed)
        self._unsaid.clear()
