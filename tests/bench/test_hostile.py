"""Nothing that anybody sends makes a workflow task take long."""

from __future__ import annotations

from bench.hostile import LIMIT, costs


def test_no_payload_costs_a_claim_more_than_100_ms() -> None:
    seconds, words = max(costs(["comment", "edit", "abolish"]))
    assert seconds <= LIMIT, f"{words}: {seconds:.3f} s"
